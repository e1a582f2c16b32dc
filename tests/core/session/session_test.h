// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/session/session.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gtest/gtest.h>

#include <memory>

namespace eigenquant::test {

/// A tiny model with its texts and statistics, made once for all tests of a suite.
class SessionTest : public testing::Test {
protected:
    static void SetUpTestSuite();
    static void TearDownTestSuite();

    static ComputeOptions cpu() { return {"cpu", "f32", 1}; }
    std::shared_ptr<ModelSession> open() const { return ModelSession::open(shared->model.string(), cpu()); }
    TextOptions calibration() const { return {shared->calibration, 64, 6}; }
    TextOptions check() const { return {shared->check, 64, 4}; }
    /// ROSAQ with 4 bits and groups of 16.
    static PlanOptions rosaq(int bits = 4);
    /// Quantizes into a folder of the test's own and returns it.
    std::filesystem::path quantize(const PlanOptions& options, const std::string& name,
                                   QuantizeResult* result = nullptr);

    struct Shared {
        TemporaryFolder folder;
        std::filesystem::path model, calibration, check, stats;
        std::shared_ptr<const ModelStatistics> statistics;
    };
    static std::unique_ptr<Shared> shared;
    TemporaryFolder folder;
};

} // namespace eigenquant::test
