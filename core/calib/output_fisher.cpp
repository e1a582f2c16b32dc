// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/output_fisher.h"

#include "core/calib/read_head_gradient.h"
#include "core/device/independent_tasks.h"
#include "core/distributed/process_group.h"

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
constexpr std::int64_t kFisherLogits = 8 << 20;

/// G of one layer and one window, summed over its tokens: by site, float64 [out of all linears of the site].
using SiteSums = std::array<at::Tensor, kAllSites.size()>;

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

/// The measurement of one window, piece by piece, by a decoder that can compute what the piece needs.
class WindowProbe {
public:
    WindowProbe(const Decoder& decoder, std::uint64_t seed, int window, const RunContext& context)
        : m_decoder(decoder), m_seed(seed), m_window(window), m_context(context)
    {
    }

    /// The gradient by a layer's input from that by its output; fills in the sums of its sites.
    at::Tensor layerGradient(int layer, const at::Tensor& input, const RopeTable& rope, const at::Tensor& gradient,
                             SiteSums& sums) const
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
        return torch::autograd::grad({hidden}, {leaf}, {gradientByNormed(hidden)}).front();
    }

private:
    at::Tensor gradientByNormed(const at::Tensor& hidden) const
    {
        const auto share = [this](std::int64_t token) { return uniformAt(m_seed, m_window, token); };
        if (!m_decoder.holdsHead())
            return gradientThroughReadHead(m_decoder, hidden, share, kFisherLogits, m_context);
        at::Tensor gradient = at::empty_like(hidden.detach());
        const std::int64_t tokens = hidden.size(0);
        const std::int64_t chunk = std::max<std::int64_t>(1, kFisherLogits / m_decoder.config().vocabSize);
        for (std::int64_t begin = 0; begin < tokens; begin += chunk) {
            m_context.checkpoint();
            const std::int64_t count = std::min(chunk, tokens - begin);
            gradient.narrow(0, begin, count).copy_(headGradient(hidden.narrow(0, begin, count), begin));
        }
        return gradient;
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
        at::parallel_for(0, rows.size(0), 1, [&](std::int64_t first, std::int64_t last) {
            for (std::int64_t row = first; row < last; ++row)
                labels.data_ptr<std::int64_t>()[row] = inverseDistribution(
                    rows.const_data_ptr<float>() + row * words, words, uniformAt(m_seed, m_window, begin + row));
        });
        return labels;
    }

    const Decoder& m_decoder;
    std::uint64_t m_seed;
    int m_window;
    const RunContext& m_context;
};

/// Adds the sums of a window, taken apart into linears: those of a site lie one behind the other.
void add(const SiteSums& sums, int layer, const ModelConfig& config, OutputFisher& fisher)
{
    std::array<std::int64_t, kAllSites.size()> offset{};
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const auto site = static_cast<std::size_t>(siteOf(role));
        const std::int64_t out = linearShape(config, role)[0];
        const double* values = sums[site].const_data_ptr<double>() + offset[site];
        offset[site] += out;
        auto& total = fisher.diagonal[LinearId{layer, role}.index(fisher.linearsPerLayer).value()];
        for (std::int64_t i = 0; i < out; ++i)
            total[static_cast<std::size_t>(i)] += values[i];
    }
}

/// Every window through the layers and back again, layer by layer. On a CPU each window is one thread's alone, which
/// makes its result independent of the number of threads.
class FisherPass {
public:
    /// `first`: the number of the first window in the text, which its labels depend on.
    FisherPass(LayerSupply& supply, const Windows& windows, int first, std::uint64_t seed,
               const LayerPass::States& states, const RunContext& context)
        : m_supply(supply), m_windows(windows), m_first(first), m_seed(seed), m_context(context),
          m_rope(ropeTable(supply.config(), windows.context(), supply.target().device, supply.target().dtype)),
          m_inputs((supply.config().layers + 1) * windows.count(), windows.context(), supply.config().hiddenSize,
                   supply.target(), states.place, states.folder),
          m_gradients(static_cast<std::size_t>(windows.count()))
    {
    }

    void forward()
    {
        const int layers = m_supply.config().layers;
        forEachWindow([&](int window) {
            m_inputs.put(inputOf(0, window), m_supply.ends().embed(m_windows[window]));
        });
        for (int layer = 0; layer < layers; ++layer) {
            report(layer);
            const Decoder& decoder = m_supply.layer(layer);
            forEachWindow([&](int window) {
                m_inputs.put(inputOf(layer + 1, window),
                             decoder.layer(layer, m_inputs.get(inputOf(layer, window)), m_rope));
            });
        }
    }

    void backward(OutputFisher& fisher)
    {
        const int layers = m_supply.config().layers;
        forEachWindow([&](int window) {
            const at::Tensor last = m_inputs.get(inputOf(layers, window));
            m_gradients[static_cast<std::size_t>(window)] = probe(m_supply.ends(), window).outputGradient(last);
            m_inputs.drop(inputOf(layers, window));
        });
        for (int layer = layers - 1; layer >= 0; --layer) {
            report(2 * layers - 1 - layer);
            const Decoder& decoder = m_supply.layer(layer);
            std::vector<SiteSums> sums(m_gradients.size());
            forEachWindow([&](int window) {
                const auto index = static_cast<std::size_t>(window);
                m_gradients[index] = probe(decoder, window).layerGradient(
                    layer, m_inputs.get(inputOf(layer, window)), m_rope, m_gradients[index], sums[index]);
                m_inputs.drop(inputOf(layer, window));
            });
            for (const SiteSums& window : sums)
                add(window, layer, m_supply.config(), fisher);
        }
        report(2 * layers);
    }

private:
    int inputOf(int layer, int window) const { return layer * m_windows.count() + window; }
    WindowProbe probe(const Decoder& decoder, int window) const
    {
        return {decoder, m_seed, m_first + window, m_context};
    }
    void report(int done) const
    {
        m_context.report("measuring sensitivity", "layers", done, 2 * m_supply.config().layers);
    }

    template <class Task>
    void forEachWindow(const Task& task) const
    {
        const auto step = [&](std::int64_t window) {
            m_context.checkpoint();
            task(static_cast<int>(window));
        };
        if (m_supply.target().device.is_cpu()) {
            forEachTask(m_windows.count(), step);
            return;
        }
        for (int window = 0; window < m_windows.count(); ++window)
            step(window);
    }

    LayerSupply& m_supply;
    const Windows& m_windows;
    int m_first;
    std::uint64_t m_seed;
    const RunContext& m_context;
    RopeTable m_rope;
    HiddenStates m_inputs; ///< of each layer, and what leaves the last
    std::vector<at::Tensor> m_gradients;
};

OutputFisher emptyFisher(const ModelConfig& config)
{
    OutputFisher fisher;
    fisher.linearsPerLayer = layerRoles(config.gatedMlp).size();
    for (int layer = 0; layer < config.layers; ++layer)
        for (const LinearRole role : layerRoles(config.gatedMlp))
            fisher.diagonal.emplace_back(static_cast<std::size_t>(linearShape(config, role)[0]), 0.0);
    return fisher;
}

/// In one sum: each of its own would be a wait for all processes.
void addOthers(ProcessGroup& processes, OutputFisher& fisher, const RunContext& context)
{
    std::vector<double> values;
    for (const std::vector<double>& linear : fisher.diagonal)
        values.insert(values.end(), linear.begin(), linear.end());
    processes.sum(values, context);
    auto next = values.cbegin();
    for (std::vector<double>& linear : fisher.diagonal) {
        std::copy_n(next, linear.size(), linear.begin());
        next += static_cast<std::ptrdiff_t>(linear.size());
    }
}

void finish(OutputFisher& fisher)
{
    const auto roles = layerRoles(fisher.linearsPerLayer == kAllRoles.size());
    for (std::size_t index = 0; index < fisher.diagonal.size(); ++index)
        for (double& value : fisher.diagonal[index]) {
            value /= static_cast<double>(fisher.tokens);
            if (!std::isfinite(value))
                throw Error::invalid("the gradients are not finite")
                    .field(LinearId{static_cast<int>(index / roles.size()), roles[index % roles.size()]}.name())
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

OutputFisher measureOutputFisher(LayerSupply& supply, const Windows& windows, std::uint64_t seed,
                                 const LayerPass::States& states, const RunContext& context, ProcessGroup* processes)
{
    OutputFisher fisher = emptyFisher(supply.config());
    const Share share = shareOf(processes ? processes->place() : ProcessPlace{}, windows.count());
    const Windows mine = windows.part(share.begin, share.end);
    {
        FisherPass pass(supply, mine, share.begin, seed, states, context);
        pass.forward();
        pass.backward(fisher);
    }
    context.checkpoint();
    if (processes)
        addOthers(*processes, fisher, context);
    fisher.tokens = windows.tokens();
    finish(fisher);
    return fisher;
}

} // namespace eigenquant
