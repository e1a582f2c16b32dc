// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/live_effect.h"

#include "core/base/clock.h"
#include "core/eval/divergence.h"
#include "core/eval/perplexity.h"
#include "core/quant/unpack_layer.h"

#include <ATen/TensorOperators.h>

#include <numeric>

namespace eigenquant {
namespace {

double energy(const at::Tensor& x)
{
    return x.to(at::kDouble).square().sum().item<double>();
}

void requireLayer(int layer, int layers)
{
    if (layer < 0 || layer >= layers)
        throw Error::usage("the model has no such layer")
            .field("layer")
            .found(std::to_string(layer))
            .expected("0 to " + std::to_string(layers - 1));
}

} // namespace

/// What the windows come to, added up.
struct LiveEffect::Sums {
    double error = 0, output = 0; ///< Σ‖Δy‖² and Σ‖y‖²
    double kl = 0, sameTop = 0;   ///< of the windows' means
    std::vector<double> nll, referenceNll;
};

LiveEffect::LiveEffect(const ModelAssets& model, const std::filesystem::path& stats,
                       std::shared_ptr<const Decoder> reference, Windows windows, std::string textHash,
                       const RunContext& context)
    : m_inputs(model, stats), m_reference(std::move(reference)), m_windows(std::move(windows)),
      m_textHash(std::move(textHash))
{
    if (m_inputs.needsText())
        throw Error::usage("the statistics hold no second moments, without which no layer can be quantized at once")
            .file(stats.string())
            .hint("analyze again, with --max-moments above what the model needs");
    for (int window = 0; window < m_windows.count(); ++window) {
        context.report("running the model", "windows", window, m_windows.count());
        m_states.push_back(run(m_windows[window], context));
    }
}

RopeTable LiveEffect::rope() const
{
    const ComputeTarget& target = m_reference->target();
    return ropeTable(m_reference->config(), m_windows.context(), target.device, target.dtype);
}

LiveEffect::Window LiveEffect::run(std::span<const std::int32_t> ids, const RunContext& context) const
{
    const RopeTable table = rope();
    Window window{{m_reference->embed(ids)}};
    for (int layer = 0; layer < m_reference->config().layers; ++layer) {
        context.checkpoint();
        window.inputs.push_back(m_reference->layer(layer, window.inputs.back(), table));
    }
    return window;
}

std::uint64_t LiveEffect::bytes() const
{
    std::uint64_t total = 0;
    for (const Window& window : m_states)
        for (const at::Tensor& states : window.inputs)
            total += states.nbytes();
    return total;
}

LayerWeights LiveEffect::quantized(const Plan& plan, int layer, LayerEffect& effect, const RunContext& context) const
{
    const auto start = Clock::now();
    const auto source = m_inputs.source(plan);
    const PackedLayer packed =
        quantizeLayer(m_inputs.layer(layer, plan, *source), plan, source->config(), context, effect.linears);
    double bits = 0, weights = 0;
    for (const LinearOutcome& linear : effect.linears) {
        const LinearStatistics& shape = m_inputs.statistics().linear(linear.id);
        const double count = static_cast<double>(shape.outFeatures) * shape.inFeatures;
        bits += linear.effectiveBits * count;
        weights += count;
        effect.bytes += linear.bytes;
    }
    effect.effectiveBits = weights > 0 ? bits / weights : 0;
    LayerWeights result = inOriginalBasis(unpackLayer(packed, source->config()));
    effect.quantizeSeconds = secondsSince(start);
    return result;
}

void LiveEffect::compare(int window, int layer, const Decoder& changed, Sums& sums, const RunContext& context) const
{
    const std::vector<at::Tensor>& states = m_states[static_cast<std::size_t>(window)].inputs;
    const at::Tensor& input = states[static_cast<std::size_t>(layer)];
    const at::Tensor& output = states[static_cast<std::size_t>(layer) + 1];
    const RopeTable table = rope();
    at::Tensor x = changed.layer(layer, input, table);
    sums.error += energy(x - output);
    sums.output += energy(output - input);
    for (int behind = layer + 1; behind < changed.config().layers; ++behind) {
        context.checkpoint();
        x = changed.layer(behind, x, table);
    }
    const WindowDivergence found = windowDivergence(*m_reference, m_reference->lastNorm(states.back()), changed,
                                                    changed.lastNorm(x), m_windows[window], context);
    requireFinite(found.nll, window);
    sums.kl += found.kl;
    sums.sameTop += found.sameTop;
    sums.nll.push_back(found.nll);
    sums.referenceNll.push_back(found.referenceNll);
}

LayerEffect LiveEffect::measure(Plan plan, int layer, const RunContext& context) const
{
    const auto start = Clock::now();
    requireLayer(layer, m_reference->config().layers);
    m_inputs.accept(plan);
    if (plan.turnsResidual())
        throw Error::unsupported(
            "the plan turns the residual stream: none of its layers can work in the model as it is")
            .field("plan")
            .hint("measure a plan whose rotations are per site, or quantize and check the whole model");
    LayerEffect effect{.layer = layer};
    context.report("quantizing the layer", "layers", 0, 1);
    Decoder changed = *m_reference;
    changed.replaceLayer(layer, quantized(plan, layer, effect, context));
    Sums sums;
    for (int window = 0; window < m_windows.count(); ++window) {
        context.report("running the layers behind", "windows", window, m_windows.count());
        compare(window, layer, changed, sums, context);
    }
    context.checkpoint();
    effect.outputError = sums.output > 0 ? sums.error / sums.output : 0;
    effect.kl = sums.kl / m_windows.count(); // windows are of one length: a mean of means
    effect.sameTop = sums.sameTop / m_windows.count();
    effect.perplexity = perplexityFromWindows(sums.nll);
    effect.floatPerplexity = perplexityFromWindows(sums.referenceNll).perplexity;
    describeScoring(effect.perplexity, m_reference->target(), m_windows, start);
    effect.perplexity.textHash = m_textHash;
    effect.seconds = secondsSince(start);
    return effect;
}

} // namespace eigenquant
