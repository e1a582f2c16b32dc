// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/analysis_header.h"

#include "core/calib/statistics_file.h"
#include "core/distributed/process_group.h"
#include "core/io/hash.h"
#include "core/quant/column_errors.h"

#include <algorithm>
#include <span>
#include <vector>

namespace eigenquant {
namespace {

constexpr int kFisherContext = 512;

/// The tokens that output Fisher information is measured on: the beginnings of windows spread over the text, and no
/// more than a quarter of it, because each token costs three times what it does in the analysis itself. Nothing of the
/// text, where `wanted` is none.
std::vector<std::int32_t> fisherTokens(const Windows& windows, int wanted)
{
    const int length = std::min(windows.context(), kFisherContext);
    const auto affordable = windows.tokens() / (4 * length);
    const int count =
        static_cast<int>(std::clamp<std::int64_t>(wanted, 0, std::max<std::int64_t>(affordable, 1)));
    std::vector<std::int32_t> ids;
    for (int i = 0; i < count; ++i) {
        // Several beginnings of one window where there are more of them than windows.
        const auto start = static_cast<std::int64_t>(i) * windows.tokens() / count;
        const auto window = windows[static_cast<int>(start / windows.context())];
        const auto offset = std::min<std::int64_t>(start % windows.context(), windows.context() - length);
        const auto piece = window.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(length));
        ids.insert(ids.end(), piece.begin(), piece.end());
    }
    return ids;
}

std::string hashOf(const Windows& windows)
{
    Hasher hasher;
    for (int window = 0; window < windows.count(); ++window)
        hasher.add(std::as_bytes(windows[window]));
    return hasher.hex();
}

} // namespace

std::string statisticsFingerprint(const ModelInfo& model, const std::string& textHash, int context, int windows,
                                  bool normsOnly)
{
    Hasher hasher;
    hasher.add("eigenquant-statistics-1").add(model.fingerprint).add(textHash).add(context).add(windows);
    if (normsOnly)
        hasher.add("norms-only");
    return hasher.hex();
}

ModelStatistics statisticsHeader(const ModelInfo& model, const CalibrationText& text, const AnalyzeOptions& options,
                                 const ModelConfig& config)
{
    ModelStatistics header;
    header.model = model;
    header.model.tensors.clear();
    header.textName = options.text.source().filename().string();
    header.textHash = text.hash;
    header.context = text.windows.context();
    header.windows = text.windows.count();
    header.tokens = text.windows.tokens();
    header.groupSizes = measuredGroupSizes();
    header.normsOnly = options.normsOnly;
    header.fingerprint =
        statisticsFingerprint(header.model, text.hash, header.context, header.windows, header.normsOnly);
    header.hasMoments =
        options.keepMoments && !options.normsOnly && momentBytes(config) <= options.maxMomentsBytes;
    return header;
}

std::optional<Windows> fisherWindowsOf(const Windows& windows, const AnalyzeOptions& options)
{
    const auto ids = fisherTokens(windows, options.normsOnly ? 0 : options.fisherWindows);
    if (ids.empty())
        return std::nullopt;
    return Windows(ids, std::min(windows.context(), kFisherContext), 0, "calibration text");
}

Ingredients analysisIngredients(const ModelStatistics& header, const CalibrationText& text, const ComputeTarget& target,
                                int fisherWindows)
{
    return {{"program", std::string(version())},
            {"verb", "analyze"},
            {"model", header.model.fingerprint},
            {"text", header.textName + " " + header.textHash},
            {"tokens", hashOf(text.windows)},
            {"windows", std::to_string(header.windows) + " x " + std::to_string(header.context)},
            {"kind of statistics", std::string(header.normsOnly ? "norms" : "moments") +
                                       (header.hasMoments ? ", kept" : ", not kept")},
            {"tokens for the Fisher information", std::to_string(fisherWindows)},
            {"precision", target.dtypeName() + (target.device.is_cuda() ? " on a GPU" : "")}};
}

Windows ownWindows(const Windows& windows, const ProcessPlace& place)
{
    const Share share = shareOf(place, windows.count());
    return windows.part(share.begin, share.end);
}

} // namespace eigenquant
