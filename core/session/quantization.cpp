// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/quantization.h"

#include "core/device/independent_tasks.h"
#include "core/quant/packed_checkpoint.h"
#include "core/quant/packed_names.h"
#include "core/quant/quantize_layer.h"

#include <ATen/Parallel.h>
#include <nlohmann/json.hpp>

#include <algorithm>

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

/// Layers that are worked on at the same time.
int layersAtOnce(const ModelConfig& config)
{
    constexpr double matrices = 8; // a moment in both bases, its factors, and rotations, in units of channels²
    double bytes = 0;
    for (const Site site : kAllSites)
        bytes += matrices * sizeof(double) * static_cast<double>(siteChannels(config, site)) * static_cast<double>(siteChannels(config, site));
    for (const LinearRole role : layerRoles(config.gatedMlp))
        bytes += 4 * sizeof(double) * static_cast<double>(linearShape(config, role)[0] * linearShape(config, role)[1]);
    return tasksAtOnce(bytes);
}

} // namespace

QuantizationJob::QuantizationJob(const ModelAssets& model, const fs::path& stats, const Plan& plan,
                                 const QuantizeOptions& options)
    : m_model(model), m_inputs(model, stats), m_plan(plan), m_place(options.out)
{
    m_inputs.accept(m_plan);
    std::vector<fs::path> files = model.store->files();
    files.push_back(stats);
    if (fs::is_directory(model.path))
        files.push_back(model.path);
    ModelConfig config = model.source->config();
    config.tiedEmbeddings &= !m_plan.turnsResidual(); // a turned head is not the turned embedding
    constexpr std::uint64_t slack = 64ull << 20; // manifest and tokenizer
    m_output.emplace(options.out, AtomicOutput::Kind::Folder, options.overwrite, files,
                     packedFileSize(config, m_plan) + slack);
}

QuantizeResult QuantizationJob::run(const RunContext& context)
{
    const std::shared_ptr<const WeightSource> source = m_inputs.source(m_plan);
    const ModelConfig& config = source->config();
    QuantizeResult result;
    result.directory = m_place.string();
    PackedWriter writer(m_output->path(), config, m_plan, source->outer());
    // Layers are independent and equal, so that a thread for each is the fastest; what is written does not depend on it.
    const int together = layersAtOnce(config);
    for (int first = 0; first < config.layers; first += together) {
        context.report("quantizing", "layers", first, config.layers);
        const int count = std::min(together, config.layers - first);
        std::vector<PackedLayer> packed(static_cast<std::size_t>(count));
        std::vector<std::vector<LinearOutcome>> outcomes(packed.size());
        forEachTask(count, [&](std::int64_t i) {
            const auto index = static_cast<std::size_t>(i);
            packed[index] = quantizeLayer(m_inputs.layer(first + static_cast<int>(i), m_plan, *source), m_plan, config,
                                          context, outcomes[index]);
        });
        for (std::size_t i = 0; i < packed.size(); ++i) {
            writer.write(first + static_cast<int>(i), packed[i]);
            result.linears.insert(result.linears.end(), outcomes[i].begin(), outcomes[i].end());
        }
    }
    writer.finish();
    context.report("quantizing", "layers", config.layers, config.layers);
    result.effectiveBits = m_plan.totals.effectiveBits;
    result.rotationBits = m_plan.totals.rotationBits;
    result.bytes = m_plan.totals.bytes;
    for (const auto& [name, content] : m_model.tokenizerFiles())
        writeFile(m_output->path() / name, content);
    writeFile(m_output->path() / "config.json", configToJson(config, "float16").dump(2) + '\n');
    writeManifest(result);
    result.fileBytes = folderBytes(m_output->path());
    context.checkpoint();
    m_output->commit();
    return result;
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
