// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "tests/cli/program.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tiny_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace eigenquant::test {

/// A folder with a tiny model and a text, and the verbs run on them.
class TinyWorkspace : public testing::Test {
protected:
    void SetUp() override;

    /// A path below the folder, as an argument.
    std::string at(const std::string& name) const { return (folder / name).string(); }
    /// Runs a verb with --json; expects exit code 0 and returns the object.
    nlohmann::json succeed(std::vector<std::string> arguments) const;
    /// Runs a verb with --json; expects the exit code and an error object, whose content it returns.
    nlohmann::json fail(int code, std::vector<std::string> arguments) const;
    /// Writes the statistics "stats" of the tiny model.
    void analyze() const;
    /// Writes the packed checkpoint "packed" of the tiny model, and "stats" first.
    void quantize() const;

    TemporaryFolder folder;
};

/// Whether an array holds finite numbers only, and so many of them.
bool areFinite(const nlohmann::json& array, std::size_t count);

} // namespace eigenquant::test
