// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/perplexity.h"

#include "core/eval/scored_window.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace eigenquant {

double windowNll(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context)
{
    const ScoredWindow window(decoder, ids, context);
    double sum = 0;
    for (const ScoredRows rows : window.runs()) {
        context.checkpoint();
        sum += window.negativeLogLikelihood(window.logProbabilities(rows), rows);
    }
    return sum / static_cast<double>(window.predictions());
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

void describeScoring(PerplexityResult& result, const Decoder& decoder, const Windows& windows,
                     std::chrono::steady_clock::time_point start)
{
    const auto count = static_cast<std::int64_t>(result.windows);
    result.context = windows.context();
    result.tokensScored = count * (windows.context() - 1);
    result.tokensTotal = windows.textTokens();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.tokensPerSecond = static_cast<double>(count * windows.context()) / std::max(result.seconds, 1e-9);
    result.device = decoder.target().deviceName();
    result.dtype = decoder.target().dtypeName();
}

PerplexityResult perplexity(const Decoder& decoder, const Windows& windows, const RunContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    std::vector<double> nll;
    for (int window = 0; window < windows.count(); ++window) {
        context.report("scoring", "windows", window, windows.count());
        nll.push_back(windowNll(decoder, windows[window], context));
        requireFinite(nll.back(), window);
    }
    context.report("scoring", "windows", windows.count(), windows.count());
    context.checkpoint();
    PerplexityResult result = perplexityFromWindows(nll);
    describeScoring(result, decoder, windows, start);
    return result;
}

} // namespace eigenquant
