// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/cli/console.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <string>

namespace eigenquant::cli {

/// What a verb does once its command line was read; returns the exit code.
using Action = std::function<int(Console&)>;

/// A verb of `app` with one example line in its help. It takes the common flags behind it too.
CLI::App* addVerb(CLI::App& app, const std::string& name, const std::string& description,
                  const std::string& example);

/// Each adds one verb to `app`; when the command line names it, `action` becomes what it does.
void addInfo(CLI::App& app, Action& action);
void addTokenize(CLI::App& app, Action& action);
void addDetokenize(CLI::App& app, Action& action);
void addLogits(CLI::App& app, Action& action);
void addPerplexity(CLI::App& app, Action& action);
void addAnalyze(CLI::App& app, Action& action);
void addSpectrum(CLI::App& app, Action& action);
void addActivations(CLI::App& app, Action& action);
void addWeights(CLI::App& app, Action& action);
void addPlan(CLI::App& app, Action& action);
void addQuantize(CLI::App& app, Action& action);
void addCompare(CLI::App& app, Action& action);
void addSensitivity(CLI::App& app, Action& action);
void addBench(CLI::App& app, Action& action);
void addGenerate(CLI::App& app, Action& action);
void addEffect(CLI::App& app, Action& action);
void addExport(CLI::App& app, Action& action);
void addDemo(CLI::App& app, Action& action);

} // namespace eigenquant::cli
