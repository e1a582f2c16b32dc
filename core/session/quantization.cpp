// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/quantization.h"

#include "core/device/independent_tasks.h"
#include "core/io/atomic_output.h"
#include "core/io/hash.h"
#include "core/quant/packed_names.h"
#include "core/quant/quantize_layer.h"
#include "core/session/analysis_header.h"
#include "core/session/resume_note.h"

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

std::uint64_t folderBytes(const fs::path& folder)
{
    std::uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(folder))
        bytes += entry.file_size();
    return bytes;
}

nlohmann::ordered_json outcomesToJson(const std::vector<LinearOutcome>& outcomes)
{
    auto list = nlohmann::ordered_json::array();
    for (const LinearOutcome& outcome : outcomes)
        list.push_back({{"name", outcome.id.name()},
                        {"effective_bits", outcome.effectiveBits},
                        {"rotation_bits", outcome.rotationBits},
                        {"bytes", outcome.bytes},
                        {"predicted_error", outcome.predictedError},
                        {"output_error", outcome.outputError}});
    return list;
}

/// What another run must share to go on with this one: its bytes depend on nothing else.
Ingredients ingredientsOf(const ModelInfo& model, const ModelStatistics& statistics, const Plan& plan,
                          const std::string& textHash, const ComputeTarget& target)
{
    Ingredients list{{"program", std::string(version())},
                     {"verb", "quantize"},
                     {"model", model.fingerprint},
                     {"statistics", statistics.fingerprint + (statistics.hasMoments ? " with moments" : "")},
                     {"plan", hashText(planToJson(plan))}};
    const std::string place = target.device.is_cuda() ? " on a GPU" : "";
    if (!textHash.empty()) {
        list.emplace_back("text", textHash);
        list.emplace_back("precision", target.dtypeName() + place);
    } else if (!place.empty()) {
        list.emplace_back("factorized", place);
    }
    return list;
}

/// A finished layer as the journal tells it: what cannot be told from the plan.
std::string journalLine(int layer, const std::vector<LinearOutcome>& outcomes)
{
    nlohmann::json errors = nlohmann::json::array();
    for (const LinearOutcome& outcome : outcomes)
        errors.push_back(outcome.outputError); // as many digits as it takes to get the same number back
    return nlohmann::json{{"layer", layer}, {"output_errors", errors}}.dump();
}

/// The outcomes of a layer, of which nothing but the output errors cannot be told from the plan.
std::vector<LinearOutcome> outcomesOf(std::span<const double> errors, int layer, const Plan& plan)
{
    std::vector<LinearOutcome> outcomes;
    for (const LinearRole role : plan.roles()) {
        const LinearPlan& linear = plan.linear({layer, role});
        outcomes.push_back({linear.id, linear.effectiveBits, linear.rotationBits, linear.bytes, linear.predictedError,
                            errors[outcomes.size()]});
    }
    return outcomes;
}

/// The output errors of a journal's line; nothing if it is not that of this layer.
std::optional<std::vector<double>> errorsOf(const std::string& line, int layer, std::size_t count)
{
    const auto json = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object() || json.value("layer", nlohmann::json()) != layer || !json.contains("output_errors") ||
        !json["output_errors"].is_array() || json["output_errors"].size() != count)
        return std::nullopt;
    std::vector<double> errors;
    for (const auto& error : json["output_errors"])
        errors.push_back(error.is_number() ? error.get<double>() : std::nan(""));
    return errors;
}

} // namespace

QuantizationJob::QuantizationJob(const ModelAssets& model, const fs::path& stats, const Plan& plan,
                                 const QuantizeOptions& options, const ComputeTarget& target,
                                 const MemoryLimits& limits)
    : m_model(model), m_inputs(model, stats), m_plan(plan), m_options(options), m_target(target), m_limits(limits),
      m_place(ProcessPlace::fromEnvironment())
{
    m_inputs.useDevice(m_target.device);
    m_inputs.accept(m_plan);
    planMemory();
    OutputPlace(options.out, OutputKind::Folder, options.overwrite, inputFiles(), 0);
}

std::vector<fs::path> QuantizationJob::inputFiles() const
{
    std::vector<fs::path> files = m_model.store->files();
    files.push_back(m_inputs.statistics().path);
    if (fs::is_directory(m_model.path))
        files.push_back(m_model.path);
    return files;
}

void QuantizationJob::planMemory()
{
    const ModelConfig& config = m_model.source->config();
    const bool normsOnly = m_inputs.statistics().normsOnly;
    const std::uint64_t base = currentRssBytes(), available = m_limits.ram > base ? m_limits.ram - base : 0;
    const std::uint64_t alone = layerWork(normsOnly).host;
    const WeightBytes weights = weightBytes(config, sizeof(float));
    // Rows of the embedding in float32 and in FP16; turned, they are there once more.
    requireRam(base + std::max(alone, weights.outer + weights.someWords * (m_plan.turnsResidual() ? 3 : 2)),
               m_limits);
    if (onGpu()) {
        requireVram(layerWork(normsOnly).device, m_limits);
        m_layerInParallel = true;
        return;
    }
    // Layers are independent and equal, so that a thread for each is the fastest, where that takes no more than it may.
    const double share = m_limits.ramGiven ? static_cast<double>(available) : static_cast<double>(m_limits.ram) / 4;
    m_layersAtOnce = tasksAtOnce(static_cast<double>(alone), share);
    m_layerInParallel =
        m_layersAtOnce == 1 &&
        static_cast<double>(quantizationWork(config, m_plan, normsOnly, at::get_num_threads())) <= share;
}

AnalysisWork QuantizationJob::layerWork(bool normsOnly) const
{
    const ModelConfig& config = m_model.source->config();
    if (onGpu())
        return quantizationWorkOnGpu(config, m_plan, normsOnly);
    return {.host = quantizationWork(config, m_plan, normsOnly, 1)};
}

void QuantizationJob::useText(const CalibrationText& text, const Decoder* whole)
{
    const ModelConfig& config = m_model.source->config();
    const Windows windows = ownWindows(text.windows, m_place);
    PassNeeds needs{.base = currentRssBytes(),
                    .host = weightBytes(config, sizeof(float)),
                    .device = weightBytes(config, c10::elementSize(m_target.dtype)),
                    .onGpu = m_target.device.is_cuda(),
                    .modelIsThere = whole != nullptr};
    needs.states = HiddenStates::bytes(windows.count(), windows.context(), config.hiddenSize, m_target);
    const AnalysisWork gathering =
        analysisWork(config, false, windows.context(), 0, 0, needs.onGpu, 0);
    const AnalysisWork layer = layerWork(false);
    needs.deviceWork = std::max(gathering.device, layer.device);
    needs.hostWork = std::max(gathering.host, static_cast<std::uint64_t>(m_layersAtOnce) * layer.host);
    // Text and weights beside the layers in work: fewer of these, before anything is refused.
    while (m_layersAtOnce > 1 &&
           needs.base + needs.hostWork + needs.device.ends() + 2 * needs.host.layer > m_limits.ram)
        needs.hostWork = std::max(gathering.host, static_cast<std::uint64_t>(--m_layersAtOnce) * layer.host);
    const PassPlan plan = planPass(needs, m_limits);
    m_textHash = text.hash;
    m_inputs.useText(text, whole, m_target, plan, fs::absolute(m_options.out).parent_path());
}

void QuantizationJob::openOutput()
{
    ModelConfig config = m_model.source->config();
    config.tiedEmbeddings &= !m_plan.turnsResidual(); // a turned head is not the turned embedding
    constexpr std::uint64_t slack = 64ull << 20; // manifest and tokenizer
    if (!m_place.isFirst()) {
        m_writer.emplace(config, m_plan);
        return;
    }
    m_output.emplace(m_options.out, OutputKind::Folder,
                     ingredientsOf(m_model.info, m_inputs.statistics(), m_plan, m_textHash, m_target),
                     ResumableOutput::Options{.overwrite = m_options.overwrite,
                                              .resume = m_options.resume,
                                              .inputs = inputFiles(),
                                              .expectedBytes = packedFileSize(config, m_plan) + slack});
    m_writer.emplace(m_output->path(), config, m_plan);
    if (m_output->finishedSteps() > 0 && !m_writer->wentOn())
        m_output->beginAnew("its files are not as they were left");
    for (int layer = 0; static_cast<std::size_t>(layer) < m_output->finishedSteps(); ++layer) {
        const auto errors = errorsOf(m_output->steps()[static_cast<std::size_t>(layer)], layer, m_plan.roles().size());
        if (!errors || layer >= config.layers) {
            m_output->beginAnew("its journal cannot be read");
            m_outcomes.clear();
            break;
        }
        std::ranges::copy(outcomesOf(*errors, layer, m_plan), std::back_inserter(m_outcomes));
    }
    for (int layer = 0; layer < finishedLayers(); ++layer)
        m_writer->trust(layer);
}

/// What the first process found finished, to all of them.
void QuantizationJob::shareFinishedLayers(const RunContext& context)
{
    const std::size_t roles = m_plan.roles().size();
    std::vector<double> done(1, static_cast<double>(finishedLayers()));
    for (const LinearOutcome& outcome : m_outcomes)
        done.push_back(outcome.outputError);
    done.resize(1 + roles * static_cast<std::size_t>(m_model.source->config().layers));
    m_processes->sum(done, context);
    m_outcomes.clear();
    for (int layer = 0; layer < static_cast<int>(done[0]); ++layer) {
        const auto errors = std::span(done).subspan(1 + roles * static_cast<std::size_t>(layer), roles);
        std::ranges::copy(outcomesOf(errors, layer, m_plan), std::back_inserter(m_outcomes));
    }
}

int QuantizationJob::finishedLayers() const
{
    return static_cast<int>(m_outcomes.size() / layerRoles(m_model.source->config().gatedMlp).size());
}

QuantizeResult QuantizationJob::run(const RunContext& context)
{
    ProcessGroup processes(m_place, context);
    QuantizeResult result;
    try {
        processes.tellingFailures([&] {
            TensorExchange exchange(processes, m_target.device, context);
            m_inputs.shareWith(m_place, exchange);
            m_processes = &processes;
            result = quantize(context);
        });
    } catch (Error& error) {
        if (m_output)
            hintAtResume(error, *m_output, m_options.resume);
        throw;
    }
    return result;
}

QuantizeResult QuantizationJob::quantize(const RunContext& context)
{
    openOutput();
    shareFinishedLayers(context);
    if (m_output)
        tellOfResume(*m_output, finishedLayers(), m_model.source->config().layers, context);
    const std::shared_ptr<const WeightSource> source = m_inputs.gatherSource(m_plan, context);
    if (m_output)
        m_writer->writeOuter(*source);
    quantizeAll(*source, context);
    QuantizeResult result;
    result.directory = m_options.out.string();
    result.linears = m_outcomes;
    result.effectiveBits = m_plan.totals.effectiveBits;
    result.rotationBits = m_plan.totals.rotationBits;
    result.bytes = m_plan.totals.bytes;
    if (m_output)
        finishFiles(*source, result, context);
    m_processes->meet(context);
    return result;
}

void QuantizationJob::finishFiles(const WeightSource& source, QuantizeResult& result, const RunContext& context)
{
    m_writer->finish();
    for (const auto& [name, content] : m_model.tokenizerFiles())
        writeFile(m_output->path() / name, content);
    writeFile(m_output->path() / "config.json", configToJson(source.config(), "float16").dump(2) + '\n');
    writeManifest(result);
    result.fileBytes = folderBytes(m_output->path());
    context.checkpoint();
    m_output->commit();
}

void QuantizationJob::quantizeAll(const WeightSource& source, const RunContext& context)
{
    const int layers = source.config().layers;
    giveBackFreedMemory(); // what the embedding took
    for (int first = finishedLayers(); first < layers; first = finishedLayers()) {
        context.report("quantizing", "layers", first, layers);
        if (m_place.isAlone())
            quantizeGroup(source, first, std::min(m_layersAtOnce, layers - first), context);
        else
            quantizeShared(source, first, std::min(m_place.size, layers - first), context);
        giveBackFreedMemory();
    }
    context.report("quantizing", "layers", layers, layers);
}

void QuantizationJob::quantizeGroup(const WeightSource& source, int first, int count, const RunContext& context)
{
    m_inputs.gather(first, count, context);
    std::vector<PackedLayer> packed(static_cast<std::size_t>(count));
    std::vector<std::vector<LinearOutcome>> outcomes(packed.size());
    const auto quantizeOne = [&](std::int64_t i) {
        const auto index = static_cast<std::size_t>(i);
        packed[index] = quantizeLayer(m_inputs.layer(first + static_cast<int>(i), m_plan, source), m_plan,
                                      source.config(), context, outcomes[index]);
    };
    // What is written does not depend on how the work is spread.
    if (count == 1 && m_layerInParallel)
        quantizeOne(0);
    else
        forEachTask(count, quantizeOne);
    for (std::size_t i = 0; i < packed.size(); ++i) {
        m_writer->write(first + static_cast<int>(i), packed[i]);
        finishLayer(first + static_cast<int>(i), outcomes[i]);
    }
}

void QuantizationJob::quantizeShared(const WeightSource& source, int first, int count, const RunContext& context)
{
    m_inputs.gather(first, count, context);
    const std::size_t roles = m_plan.roles().size();
    std::vector<double> errors(roles * static_cast<std::size_t>(count), 0.0);
    for (int layer = first; layer < first + count; ++layer) {
        if (!isOurs(layer))
            continue;
        std::vector<LinearOutcome> outcomes;
        m_writer->write(layer, quantizeLayer(m_inputs.layer(layer, m_plan, source), m_plan, source.config(), context,
                                             outcomes));
        for (std::size_t i = 0; i < roles; ++i)
            errors[roles * static_cast<std::size_t>(layer - first) + i] = outcomes[i].outputError;
    }
    for (int layer = first; layer < first + count; ++layer) {
        const int owner = layer % m_place.size;
        if (owner == 0)
            continue;
        const auto mine = isOurs(layer) ? m_writer->takeRecords() : std::vector<std::byte>();
        const std::vector<std::byte> records = m_processes->toFirst(owner, mine, context);
        if (m_output)
            m_writer->writeRecords(records);
    }
    m_processes->sum(errors, context);
    for (int i = 0; i < count; ++i) {
        const auto own = std::span(errors).subspan(roles * static_cast<std::size_t>(i), roles);
        finishLayer(first + i, outcomesOf(own, first + i, m_plan));
    }
}

void QuantizationJob::finishLayer(int layer, const std::vector<LinearOutcome>& outcomes)
{
    m_outcomes.insert(m_outcomes.end(), outcomes.begin(), outcomes.end());
    if (!m_options.resume || !m_output)
        return;
    m_writer->sync();
    m_output->finishStep(journalLine(layer, outcomes));
}

void QuantizationJob::writeManifest(const QuantizeResult& result) const
{
    const ModelStatistics& calibration = m_inputs.statistics();
    nlohmann::ordered_json manifest{{"format", kPackedFormat},
                                    {"version", kPackedVersion},
                                    {"program", "eigenquant " + std::string(version())},
                                    {"model", m_model.info.name},
                                    {"model_fingerprint", m_model.info.fingerprint},
                                    {"model_format", m_model.info.sourceFormat},
                                    {"calibration",
                                     {{"text", calibration.textName},
                                      {"text_hash", calibration.textHash},
                                      {"tokens", calibration.tokens},
                                      {"context", calibration.context},
                                      {"windows", calibration.windows},
                                      {"fingerprint", calibration.fingerprint}}},
                                    {"effective_bits", result.effectiveBits},
                                    {"rotation_bits", result.rotationBits},
                                    {"bytes", result.bytes},
                                    {"outcomes", outcomesToJson(result.linears)},
                                    {"plan", nlohmann::ordered_json::parse(planToJson(m_plan))}};
    writeFile(m_output->path() / kManifestFile, manifest.dump(1) + '\n');
}

} // namespace eigenquant
