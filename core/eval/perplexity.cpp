// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/perplexity.h"

#include "core/base/clock.h"
#include "core/distributed/process_group.h"
#include "core/eval/scored_window.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

namespace eigenquant {

namespace {

double meanNll(const ScoredWindow& window, const RunContext& context)
{
    if (!window.holdsHead())
        return window.negativeLogLikelihood(context) / static_cast<double>(window.predictions());
    double sum = 0;
    for (const ScoredRows rows : window.runs()) {
        context.checkpoint();
        sum += window.negativeLogLikelihood(window.logProbabilities(rows), rows);
    }
    return sum / static_cast<double>(window.predictions());
}

} // namespace

double windowNll(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context)
{
    return meanNll(ScoredWindow(decoder, ids, context), context);
}

void requireFinite(double nll, int window)
{
    if (!std::isfinite(nll))
        throw Error::invalid("the model's likelihood is not finite")
            .field("window " + std::to_string(window))
            .hint("the model overflows; try --dtype f32");
}

PerplexityResult perplexityFromWindows(const std::vector<double>& windowNll)
{
    PerplexityResult result;
    const auto count = static_cast<double>(windowNll.size());
    const double mean = std::accumulate(windowNll.begin(), windowNll.end(), 0.0) / count;
    double squares = 0;
    for (const double nll : windowNll)
        squares += (nll - mean) * (nll - mean);
    result.windowNll = windowNll;
    result.windows = static_cast<int>(windowNll.size());
    result.perplexity = std::exp(mean);
    // The error of the mean, carried through exp. One window has no spread to tell it from.
    result.standardError =
        windowNll.size() > 1 ? result.perplexity * std::sqrt(squares / (count - 1) / count) : std::nan("");
    return result;
}

namespace {

void describeText(PerplexityResult& result, const Windows& windows, Clock::time_point start)
{
    const auto count = static_cast<std::int64_t>(result.windows);
    result.context = windows.context();
    result.tokensScored = count * (windows.context() - 1);
    result.tokensTotal = windows.textTokens();
    result.seconds = secondsSince(start);
    result.tokensPerSecond = static_cast<double>(count * windows.context()) / std::max(result.seconds, 1e-9);
}

/// -Σ log p of the tokens that follow, in nats, from logits F32 [tokens, vocab].
double negativeLogLikelihood(const at::Tensor& logits, std::span<const std::int32_t> following)
{
    const at::Tensor targets =
        at::tensor(at::ArrayRef<std::int32_t>(following.data(), following.size()), at::kInt).to(at::kLong);
    return -at::log_softmax(logits, 1).gather(1, targets.unsqueeze(1)).sum(at::kDouble).item<double>();
}

double windowNll(DecodingEngine& engine, std::span<const std::int32_t> ids, const RunContext& context)
{
    engine.begin({.sequences = 1, .length = static_cast<int>(ids.size())});
    const std::size_t predictions = ids.size() - 1, piece = static_cast<std::size_t>(engine.scoringTokens());
    double sum = 0;
    for (std::size_t begin = 0; begin < predictions; begin += piece) {
        context.checkpoint();
        const std::size_t count = std::min(piece, predictions - begin);
        sum += negativeLogLikelihood(engine.feedForLogits(ids.subspan(begin, count)), ids.subspan(begin + 1, count));
    }
    return sum / static_cast<double>(predictions);
}

template <class Score>
PerplexityResult scored(const Windows& windows, const RunContext& context, Score score)
{
    // Each process of a job scores a share of the windows. The others' stay zero: the sums are all windows, to the bit.
    ProcessGroup processes(ProcessPlace::fromEnvironment(), context);
    const Share share = shareOf(processes.place(), windows.count());
    std::vector<double> nll(static_cast<std::size_t>(windows.count()), 0.0);
    processes.tellingFailures([&] {
        for (int window = share.begin; window < share.end; ++window) {
            context.report("scoring", "windows", window - share.begin, share.end - share.begin);
            double& value = nll[static_cast<std::size_t>(window)];
            value = score(window);
            requireFinite(value, window);
        }
        context.report("scoring", "windows", share.end - share.begin, share.end - share.begin);
        processes.sum(nll, context);
    });
    context.checkpoint();
    return perplexityFromWindows(nll);
}

} // namespace

void describeScoring(PerplexityResult& result, const ComputeTarget& target, const Windows& windows,
                     Clock::time_point start)
{
    describeText(result, windows, start);
    result.device = target.deviceName();
    result.dtype = target.dtypeName();
}

PerplexityResult perplexity(const Decoder& decoder, const Windows& windows, const RunContext& context)
{
    const auto start = Clock::now();
    PerplexityResult result = scored(
        windows, context, [&](int window) { return windowNll(decoder, windows[window], context); });
    describeScoring(result, decoder.target(), windows, start);
    return result;
}

PerplexityResult perplexity(LayerSupply& supply, const Windows& windows, const LayerPass::States& states,
                            const RunContext& context)
{
    if (supply.holdsAll())
        return perplexity(supply.ends(), windows, context);
    const auto start = Clock::now();
    const Share share = shareOf(ProcessPlace::fromEnvironment(), windows.count());
    std::optional<Windows> mine;
    std::optional<LayerPass> pass;
    const auto runLayers = [&] {
        std::vector<std::int32_t> ids;
        for (int window = share.begin; window < share.end; ++window)
            ids.insert(ids.end(), windows[window].begin(), windows[window].end());
        mine.emplace(std::move(ids), windows.context(), 0, "the windows of this process");
        pass.emplace(supply, *mine, states, context);
        while (pass->next() < supply.config().layers)
            pass->advance("running layers", context);
        supply.release(); // logits take its place
    };
    PerplexityResult result = scored(windows, context, [&](int window) {
        if (!pass)
            runLayers(); // only here: a failure is told to the other processes
        const at::Tensor hidden = supply.ends().lastNorm(pass->state(window - share.begin));
        return meanNll(ScoredWindow(supply.ends(), hidden, windows[window]), context);
    });
    describeScoring(result, supply.target(), windows, start);
    return result;
}

PerplexityResult perplexity(DecodingEngine& engine, const Windows& windows, const RunContext& context)
{
    const auto start = Clock::now();
    PerplexityResult result = scored(
        windows, context, [&](int window) { return windowNll(engine, windows[window], context); });
    describeText(result, windows, start);
    result.device = engine.deviceName();
    result.dtype = engine.dtypeName();
    result.kernels = engine.kernelNames(engine.scoringTokens());
    return result;
}

} // namespace eigenquant
