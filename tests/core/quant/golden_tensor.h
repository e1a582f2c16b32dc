// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"

#include <ATen/ops/empty.h>

#include <filesystem>
#include <span>
#include <string>

namespace eigenquant::test {

/// What numpy makes of GPTQ and AWQ.
constexpr const char* kFeedbackGolden = "gptq_awq.safetensors";

/// A tensor of a file in tests/golden, float32.
inline at::Tensor goldenTensor(const std::string& file, const std::string& name)
{
    const auto store =
        SafetensorsStore::openFile(std::filesystem::path(EIGENQUANT_SOURCE_DIR) / "tests/golden" / file);
    const StoredTensor& stored = store->at(name);
    at::Tensor tensor = at::empty(stored.shape, at::kFloat);
    store->readFloat(stored, std::span(tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())));
    return tensor;
}

} // namespace eigenquant::test
