// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/output_fisher.h"

#include "core/device/serial_math.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/softmax.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace eigenquant {
namespace {

// Logits are made in chunks of about this many values: every thread holds some copies of such a chunk.
constexpr std::int64_t kLogitValues = 8 << 20;

/// G of one window, summed over its tokens: by layer, then site, float64 [out of all linears of the site].
using SiteSums = std::vector<std::array<at::Tensor, kAllSites.size()>>;

std::uint64_t mixed(std::uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

/// Uniform in [0, 1), a function of its arguments alone (SplitMix64's mixing), so that labels do not depend on the
/// order in which windows are computed.
double uniformAt(std::uint64_t seed, int window, std::int64_t position)
{
    constexpr std::uint64_t step = 0x9e3779b97f4a7c15ull;
    const std::uint64_t stream = mixed(mixed(seed + step) + step * (static_cast<std::uint64_t>(window) + 1));
    return static_cast<double>(mixed(stream + step * (static_cast<std::uint64_t>(position) + 1)) >> 11) * 0x1p-53;
}

/// Where the running sum of the probabilities passes `share` of their whole.
std::int64_t inverseDistribution(const float* probabilities, std::int64_t count, double share)
{
    const double target = share * std::accumulate(probabilities, probabilities + count, 0.0);
    double sum = 0;
    std::int64_t last = 0; // rounding may leave the sum short of the target: never a word of probability 0
    for (std::int64_t i = 0; i < count; ++i) {
        sum += static_cast<double>(probabilities[i]);
        if (probabilities[i] > 0)
            last = i;
        if (sum > target)
            return i;
    }
    return last;
}

/// A measurement of one window.
class WindowProbe {
public:
    WindowProbe(const Decoder& decoder, std::uint64_t seed, int window, const RunContext& context)
        : m_decoder(decoder), m_seed(seed), m_window(window), m_context(context)
    {
    }

    SiteSums run(std::span<const std::int32_t> ids) const
    {
        const ModelConfig& config = m_decoder.config();
        const RopeTable rope = ropeTable(config, static_cast<int>(ids.size()), m_decoder.target().device,
                                         m_decoder.target().dtype);
        std::vector<at::Tensor> inputs{m_decoder.embed(ids)};
        for (int layer = 0; layer < config.layers; ++layer) {
            m_context.checkpoint();
            inputs.push_back(m_decoder.layer(layer, inputs.back(), rope));
        }
        at::Tensor gradient = outputGradient(inputs.back());
        SiteSums sums(static_cast<std::size_t>(config.layers));
        for (int layer = config.layers - 1; layer >= 0; --layer) {
            m_context.checkpoint();
            inputs.pop_back();
            gradient = layerGradient(layer, inputs.back(), rope, gradient, sums[static_cast<std::size_t>(layer)]);
        }
        return sums;
    }

private:
    /// The gradient by a layer's input from that by its output; fills in the sums of its sites.
    at::Tensor layerGradient(int layer, const at::Tensor& input, const RopeTable& rope, const at::Tensor& gradient,
                             std::array<at::Tensor, kAllSites.size()>& sums) const
    {
        const at::Tensor leaf = input.detach().requires_grad_(true);
        const OutputHook hook = [&](SiteId id, const at::Tensor& y) {
            y.register_hook([&sum = sums[static_cast<std::size_t>(id.site)]](const at::Tensor& g) {
                sum = g.detach().to(at::kDouble).square().sum(0).cpu();
            });
            return y;
        };
        const at::Tensor output = m_decoder.layer(layer, leaf, rope, {}, hook);
        return torch::autograd::grad({output}, {leaf}, {gradient}).front();
    }

    /// The gradient of the labels' log-likelihood by the hidden states behind the last layer.
    at::Tensor outputGradient(const at::Tensor& last) const
    {
        const at::Tensor leaf = last.detach().requires_grad_(true);
        const at::Tensor hidden = m_decoder.lastNorm(leaf);
        at::Tensor gradient = at::empty_like(hidden.detach());
        const std::int64_t tokens = hidden.size(0);
        const std::int64_t chunk = std::max<std::int64_t>(1, kLogitValues / m_decoder.config().vocabSize);
        for (std::int64_t begin = 0; begin < tokens; begin += chunk) {
            m_context.checkpoint();
            const std::int64_t count = std::min(chunk, tokens - begin);
            gradient.narrow(0, begin, count).copy_(headGradient(hidden.narrow(0, begin, count), begin));
        }
        return torch::autograd::grad({hidden}, {leaf}, {gradient}).front();
    }

    /// The same by some rows of the normed hidden states: by the logits it is onehot(label) - p.
    at::Tensor headGradient(const at::Tensor& hidden, std::int64_t begin) const
    {
        const at::Tensor leaf = hidden.detach().requires_grad_(true);
        const at::Tensor logits = m_decoder.logits(leaf);
        at::Tensor gradient = at::softmax(logits.detach(), 1, at::kFloat);
        const at::Tensor labels = sampledLabels(gradient, begin).to(gradient.device());
        gradient.neg_().scatter_add_(1, labels, at::ones(labels.sizes(), gradient.options()));
        return torch::autograd::grad({logits}, {leaf}, {gradient.to(logits.scalar_type())}).front();
    }

    /// One label for each row of probabilities [tokens, vocab], int64 [tokens, 1].
    at::Tensor sampledLabels(const at::Tensor& probabilities, std::int64_t begin) const
    {
        const at::Tensor rows = probabilities.cpu().contiguous();
        const std::int64_t words = rows.size(1);
        at::Tensor labels = at::empty({rows.size(0), 1}, at::kLong);
        for (std::int64_t row = 0; row < rows.size(0); ++row)
            labels.data_ptr<std::int64_t>()[row] = inverseDistribution(
                rows.const_data_ptr<float>() + row * words, words, uniformAt(m_seed, m_window, begin + row));
        return labels;
    }

    const Decoder& m_decoder;
    std::uint64_t m_seed;
    int m_window;
    const RunContext& m_context;
};

/// The windows from `begin` on, at most `count`. On a CPU each is computed by one thread alone, which makes its
/// result independent of the number of threads.
std::vector<SiteSums> probeRound(const Decoder& decoder, const Windows& windows, int begin, int count,
                                 std::uint64_t seed, const RunContext& context)
{
    std::vector<SiteSums> round(static_cast<std::size_t>(count));
    const auto probe = [&](std::int64_t first, std::int64_t last) {
        const SerialMath serial;
        for (std::int64_t i = first; i < std::min<std::int64_t>(last, count); ++i) {
            const int window = begin + static_cast<int>(i);
            round[static_cast<std::size_t>(i)] = WindowProbe(decoder, seed, window, context).run(windows[window]);
        }
    };
    // Two at least: a range of one is not run in a parallel region, and its products would use all threads.
    if (decoder.target().device.is_cpu())
        at::parallel_for(0, std::max(count, 2), 1, probe);
    else
        probe(0, count);
    return round;
}

/// Adds the sums of a window, taken apart into linears: those of a site lie one behind the other.
void add(const SiteSums& sums, const ModelConfig& config, OutputFisher& fisher)
{
    for (int layer = 0; layer < config.layers; ++layer) {
        std::array<std::int64_t, kAllSites.size()> offset{};
        for (const LinearRole role : layerRoles(config.gatedMlp)) {
            const auto site = static_cast<std::size_t>(siteOf(role));
            const std::int64_t out = linearShape(config, role)[0];
            const double* values = sums[static_cast<std::size_t>(layer)][site].const_data_ptr<double>() + offset[site];
            offset[site] += out;
            auto& total = fisher.diagonal[LinearId{layer, role}.index(fisher.linearsPerLayer).value()];
            for (std::int64_t i = 0; i < out; ++i)
                total[static_cast<std::size_t>(i)] += values[i];
        }
    }
}

OutputFisher emptyFisher(const ModelConfig& config)
{
    OutputFisher fisher;
    fisher.linearsPerLayer = layerRoles(config.gatedMlp).size();
    for (int layer = 0; layer < config.layers; ++layer)
        for (const LinearRole role : layerRoles(config.gatedMlp))
            fisher.diagonal.emplace_back(static_cast<std::size_t>(linearShape(config, role)[0]), 0.0);
    return fisher;
}

void finish(OutputFisher& fisher)
{
    for (std::size_t index = 0; index < fisher.diagonal.size(); ++index)
        for (double& value : fisher.diagonal[index]) {
            value /= static_cast<double>(fisher.tokens);
            if (!std::isfinite(value))
                throw Error::invalid("the gradients are not finite")
                    .field("layer " + std::to_string(index / fisher.linearsPerLayer))
                    .hint("the model overflows on this text; try --dtype f32");
        }
}

} // namespace

const std::vector<double>& OutputFisher::of(LinearId id) const
{
    return diagonal.at(id.index(linearsPerLayer).value());
}

double OutputFisher::mean(LinearId id) const
{
    const std::vector<double>& values = of(id);
    return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

OutputFisher measureOutputFisher(const Decoder& decoder, const Windows& windows, std::uint64_t seed,
                                 const RunContext& context)
{
    OutputFisher fisher = emptyFisher(decoder.config());
    const int threads = decoder.target().device.is_cpu() ? at::get_num_threads() : 1;
    for (int begin = 0; begin < windows.count(); begin += threads) {
        context.report("measuring sensitivity", "windows", begin, windows.count());
        const int count = std::min(threads, windows.count() - begin);
        for (const SiteSums& sums : probeRound(decoder, windows, begin, count, seed, context))
            add(sums, decoder.config(), fisher);
    }
    context.report("measuring sensitivity", "windows", windows.count(), windows.count());
    context.checkpoint();
    fisher.tokens = windows.tokens();
    finish(fisher);
    return fisher;
}

} // namespace eigenquant
