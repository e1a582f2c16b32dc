// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/latency.h"
#include "core/results/outcome.h"
#include "core/session/session.h"

#include <QJsonObject>
#include <QStringList>

#include <vector>

namespace eigenquant {

/// What a check measures.
struct CheckOptions {
    TextOptions text{.file = {}, .context = 2048, .windows = 16};
    std::vector<int> batches{1, 16, 64};
    int prompt = 8;
    int generate = 256;
    KvPrecision kv = KvPrecision::F16;
};

/// The same with so little text, and so few and small batches, that a CPU is done in minutes.
CheckOptions shortened(CheckOptions options);

/// "1, 16, 64" as batch sizes; empty unless every one is an integer from 1 to 4096.
std::vector<int> batchesFromText(const QString& text);

/// The words behind `eigenquant` that measure a model on a device ("cpu", "cuda", "cuda:1").
QStringList perplexityArguments(const QString& model, const CheckOptions& options, const QString& device);
QStringList latencyArguments(const QString& model, const CheckOptions& options, const QString& device);
/// A measurement so short that its only answer is whether this GPU can be worked with.
QStringList probeArguments(const QString& device);

/// What --json of these verbs says. Throws Error::invalid where it lacks what the verb promises.
PerplexityResult perplexityFromJson(const QJsonObject& object);
LatencyResult latencyFromJson(const QJsonObject& object);
/// What latencyFromJson() reads, for a project to keep.
QJsonObject latencyToJson(const LatencyResult& result);
/// Reads what `eigenquant bench --json` wrote into a file. Throws Error.
LatencyResult loadLatency(const QString& file);

} // namespace eigenquant
