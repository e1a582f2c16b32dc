// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/divergence.h"

#include "core/eval/perplexity.h"
#include "core/eval/scored_window.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/exp.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <vector>

namespace eigenquant {
namespace {

// Rows of a GPU are taken together, but not so many that their float64 terms fill it: 32 MB at a time.
constexpr std::int64_t kTerms = 4 << 20;

/// KL(p ‖ q) of each row from their logarithms, F32 [rows, vocab]; summed in float64.
at::Tensor rowDivergences(const at::Tensor& logP, const at::Tensor& logQ)
{
    return at::exp(logP).mul_(logP - logQ).sum(-1, false, at::kDouble);
}

double summedDivergence(const at::Tensor& logP, const at::Tensor& logQ)
{
    const std::int64_t rows = logP.size(0);
    const std::int64_t step = logP.is_cpu() ? 1 : std::max<std::int64_t>(1, kTerms / logP.size(1));
    std::vector<double> sums(static_cast<std::size_t>((rows + step - 1) / step));
    // On the CPU each row is one thread's: where libtorch divides a row among threads, last bits depend on how many.
    const auto work = [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t i = first; i < last; ++i) {
            const std::int64_t begin = i * step, count = std::min(step, rows - begin);
            const at::Tensor found = rowDivergences(logP.narrow(0, begin, count), logQ.narrow(0, begin, count));
            sums[static_cast<std::size_t>(i)] = found.sum().item<double>();
        }
    };
    const auto pieces = static_cast<std::int64_t>(sums.size());
    if (logP.is_cpu())
        at::parallel_for(0, pieces, 1, work);
    else
        work(0, pieces);
    return std::accumulate(sums.begin(), sums.end(), 0.0);
}

void requireSameVocabulary(const Decoder& reference, const Decoder& other)
{
    if (reference.config().vocabSize != other.config().vocabSize)
        throw Error::invalid("the two models do not share a vocabulary")
            .found(std::to_string(other.config().vocabSize) + " tokens")
            .expected(std::to_string(reference.config().vocabSize));
}

WindowDivergence divergenceOf(const ScoredWindow& expected, const ScoredWindow& found, const RunContext& context)
{
    WindowDivergence sums;
    for (const ScoredRows rows : found.runs()) {
        context.checkpoint();
        const at::Tensor logP = expected.logProbabilities(rows);
        const at::Tensor logQ = found.logProbabilities(rows);
        sums.kl += summedDivergence(logP, logQ);
        sums.sameTop += static_cast<double>(logP.argmax(1).eq(logQ.argmax(1)).sum().item<std::int64_t>());
        sums.nll += found.negativeLogLikelihood(logQ, rows);
        sums.referenceNll += expected.negativeLogLikelihood(logP, rows);
    }
    const auto count = static_cast<double>(found.predictions());
    return {sums.kl / count, sums.sameTop / count, sums.nll / count, sums.referenceNll / count};
}

} // namespace

WindowDivergence windowDivergence(const Decoder& reference, const Decoder& other, std::span<const std::int32_t> ids,
                                  const RunContext& context)
{
    requireSameVocabulary(reference, other);
    return divergenceOf(ScoredWindow(reference, ids, context), ScoredWindow(other, ids, context), context);
}

WindowDivergence windowDivergence(const Decoder& reference, const at::Tensor& referenceHidden, const Decoder& other,
                                  const at::Tensor& otherHidden, std::span<const std::int32_t> ids,
                                  const RunContext& context)
{
    requireSameVocabulary(reference, other);
    return divergenceOf(ScoredWindow(reference, referenceHidden, ids), ScoredWindow(other, otherHidden, ids), context);
}

Divergence divergence(const Decoder& reference, const Decoder& other, const Windows& windows, int compared,
                      const RunContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    Divergence result;
    result.windows = std::clamp(compared, 0, windows.count());
    if (result.windows == 0)
        result.kl = result.sameTop = std::nan("");
    std::vector<double> nll, referenceNll;
    for (int window = 0; window < windows.count(); ++window) {
        context.report("scoring", "windows", window, windows.count());
        if (window < result.windows) {
            const WindowDivergence found = windowDivergence(reference, other, windows[window], context);
            nll.push_back(found.nll);
            referenceNll.push_back(found.referenceNll);
            requireFinite(found.referenceNll, window);
            result.kl += found.kl / result.windows; // windows are of one length: a mean of means
            result.sameTop += found.sameTop / result.windows;
        } else {
            nll.push_back(windowNll(other, windows[window], context));
        }
        requireFinite(nll.back(), window);
    }
    context.report("scoring", "windows", windows.count(), windows.count());
    context.checkpoint();
    result.perplexity = perplexityFromWindows(nll);
    result.referencePerplexity = perplexityFromWindows(referenceNll);
    describeScoring(result.perplexity, other.target(), windows, start);
    describeScoring(result.referencePerplexity, reference.target(), windows, start);
    return result;
}

} // namespace eigenquant
