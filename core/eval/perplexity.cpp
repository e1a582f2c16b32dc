// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/eval/perplexity.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>

namespace eigenquant {
namespace {

// A window's logits are large: 400 MB for 2048 tokens and 49,152 words in float32. They are made in chunks of about
// this many values: smaller ones would spend their time on reading the head again and again.
constexpr std::int64_t kLogitValues = 48 << 20;

} // namespace

double windowNll(const Decoder& decoder, std::span<const std::int32_t> ids, const RunContext& context)
{
    const at::Tensor hidden = decoder.hidden(ids, context);
    const auto scored = static_cast<std::int64_t>(ids.size()) - 1;
    const at::Tensor targets = at::tensor(at::ArrayRef<std::int32_t>(ids.data() + 1, ids.size() - 1), at::kInt)
                                   .to(decoder.target().device, at::kLong);
    const std::int64_t chunk = std::max<std::int64_t>(1, kLogitValues / decoder.config().vocabSize);
    double sum = 0;
    for (std::int64_t begin = 0; begin < scored; begin += chunk) {
        context.checkpoint();
        const std::int64_t count = std::min(chunk, scored - begin);
        const at::Tensor likelihood = at::log_softmax(decoder.logits(hidden.narrow(0, begin, count)), 1, at::kFloat);
        sum -= likelihood.gather(1, targets.narrow(0, begin, count).unsqueeze(1)).sum(at::kDouble).item<double>();
    }
    return sum / static_cast<double>(scored);
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

PerplexityResult perplexity(const Decoder& decoder, const Windows& windows, const RunContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    std::vector<double> nll;
    for (int window = 0; window < windows.count(); ++window) {
        context.report("scoring", "windows", window, windows.count());
        nll.push_back(windowNll(decoder, windows[window], context));
        if (!std::isfinite(nll.back()))
            throw Error::invalid("the model's likelihood is not finite")
                .field("window " + std::to_string(window))
                .hint("the model overflows; try --dtype f32");
    }
    context.report("scoring", "windows", windows.count(), windows.count());
    context.checkpoint();
    PerplexityResult result = perplexityFromWindows(nll);
    result.context = windows.context();
    result.tokensScored = static_cast<std::int64_t>(windows.count()) * (windows.context() - 1);
    result.tokensTotal = windows.textTokens();
    result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    result.tokensPerSecond = static_cast<double>(windows.tokens()) / std::max(result.seconds, 1e-9);
    result.device = decoder.target().deviceName();
    result.dtype = decoder.target().dtypeName();
    return result;
}

} // namespace eigenquant
