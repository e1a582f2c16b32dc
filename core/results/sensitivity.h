// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace eigenquant {

/// What quantizing one layer does to the model's predictions: means over tokens, in nats.
struct LayerSensitivity {
    int layer = 0;
    double on = 0;  ///< KL(float ‖ this layer alone quantized)
    double off = 0; ///< KL(float ‖ all layers quantized but this)
};

/// How much each layer of a checkpoint costs, measured.
struct ModelSensitivity {
    std::vector<LayerSensitivity> layers;
    double all = 0;               ///< KL(float ‖ all layers quantized)
    int windows = 0;
    int context = 0;
    std::int64_t tokensScored = 0;
    double seconds = 0;
    std::string device;           ///< "cpu", "cuda:0"
    std::string dtype;            ///< "f32", …
    std::string textHash;
};

} // namespace eigenquant
