// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/sensitivity.h"

#include "core/eval/divergence.h"

#include <chrono>
#include <string>

namespace eigenquant {
namespace {

std::string shapeText(const ModelConfig& config)
{
    return std::to_string(config.layers) + " layers of " + std::to_string(config.hiddenSize) + " and " +
           std::to_string(config.intermediateSize) + " channels, " + std::to_string(config.heads) + " and " +
           std::to_string(config.kvHeads) + " heads";
}

double meanDivergence(const Decoder& reference, const Decoder& other, const Windows& windows,
                      const RunContext& context)
{
    double sum = 0;
    for (int window = 0; window < windows.count(); ++window)
        sum += windowDivergence(reference, other, windows[window], context).kl;
    return sum / windows.count();
}

Decoder quantizedLayers(const Decoder& reference, const PackedSource& checkpoint, const RunContext& context)
{
    Decoder quantized = reference;
    for (int layer = 0; layer < reference.config().layers; ++layer) {
        context.report("unpacking", "layers", layer, reference.config().layers);
        quantized.replaceLayer(layer, checkpoint.layerInOriginalBasis(layer));
    }
    return quantized;
}

/// `base` with one layer of another decoder.
Decoder mixed(const Decoder& base, const Decoder& other, int layer)
{
    Decoder result = base;
    result.replaceLayer(layer, other);
    return result;
}

} // namespace

void requireInterchangeableLayers(const ModelConfig& model, const PackedSource& checkpoint,
                                  const std::filesystem::path& folder)
{
    if (const std::string found = shapeText(checkpoint.config()), expected = shapeText(model); found != expected)
        throw Error::invalid("the checkpoint is not one of this model")
            .file(folder.string())
            .found(found)
            .expected(expected);
    if (checkpoint.plan().turnsResidual())
        throw Error::unsupported("the checkpoint's residual stream is turned: none of its layers can work in the model "
                                 "as it is, nor the other way round")
            .file(folder.string())
            .field("plan")
            .hint("measure a checkpoint whose rotations are per site");
}

ModelSensitivity measureSensitivity(const Decoder& reference, const PackedSource& checkpoint, const Windows& windows,
                                    const RunContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    const int layers = reference.config().layers;
    const Decoder quantized = quantizedLayers(reference, checkpoint, context);
    ModelSensitivity result;
    context.report("measuring sensitivity", "layers", 0, layers);
    result.all = meanDivergence(reference, quantized, windows, context);
    for (int layer = 0; layer < layers; ++layer) {
        context.report("measuring sensitivity", "layers", layer, layers);
        result.layers.push_back({layer, meanDivergence(reference, mixed(reference, quantized, layer), windows, context),
                                 meanDivergence(reference, mixed(quantized, reference, layer), windows, context)});
    }
    context.report("measuring sensitivity", "layers", layers, layers);
    context.checkpoint();
    result.windows = windows.count();
    result.context = windows.context();
    result.tokensScored = static_cast<std::int64_t>(windows.count()) * (windows.context() - 1);
    result.device = reference.target().deviceName();
    result.dtype = reference.target().dtypeName();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return result;
}

} // namespace eigenquant
