// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace eigenquant::test {

/// The sizes of a model of the Llama kind.
struct ModelShape {
    std::string name;
    int layers = 0, hidden = 0, intermediate = 0, heads = 0, kvHeads = 0, vocabulary = 0, context = 0;
    bool tied = false;
};

/// Its tensors under their Hugging Face names, all of one type, in the order of the model.
std::vector<TensorSpec> llamaTensors(const ModelShape& shape, StoredType type);

/// Its config.json; more keys may be added.
nlohmann::ordered_json llamaConfig(const ModelShape& shape, StoredType type);

} // namespace eigenquant::test
