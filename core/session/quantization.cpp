// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/quantization.h"

#include "core/device/independent_tasks.h"
#include "core/quant/global_rotation.h"
#include "core/quant/packed_checkpoint.h"
#include "core/quant/packed_names.h"
#include "core/quant/plan.h"
#include "core/quant/quantize_layer.h"
#include "core/session/analysis.h"

#include <ATen/Parallel.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

void requireSame(const char* what, const fs::path& file, const std::string& found, const std::string& expected)
{
    if (found != expected)
        throw Error::invalid(what).file(file.string()).field("fingerprint").found(found).expected(expected);
}

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
    for (const LinearRole role : kAllRoles)
        bytes += 4 * sizeof(double) * static_cast<double>(linearShape(config, role)[0] * linearShape(config, role)[1]);
    return tasksAtOnce(bytes);
}

} // namespace

QuantizationJob::QuantizationJob(const ModelAssets& model, const fs::path& stats, const Plan& plan,
                                 const QuantizeOptions& options)
    : m_model(model), m_statistics(readStatistics(stats)), m_plan(plan), m_place(options.out)
{
    if (model.packed)
        throw Error::usage("the model is already quantized").file(model.path.string());
    requireSame("the statistics are of another model", stats, m_statistics.model.fingerprint, model.info.fingerprint);
    if (!m_plan.statsFingerprint.empty())
        requireSame("the plan was made for other statistics", stats, m_statistics.fingerprint, m_plan.statsFingerprint);
    validatePlan(m_plan, m_statistics);
    predict(m_plan, m_statistics); // a plan may have been edited by hand
    std::vector<fs::path> inputs = model.store->files();
    inputs.push_back(stats);
    if (fs::is_directory(model.path))
        inputs.push_back(model.path);
    ModelConfig config = model.source->config();
    config.tiedEmbeddings &= !m_plan.turnsResidual(); // a turned head is not the turned embedding
    constexpr std::uint64_t slack = 64ull << 20; // manifest and tokenizer
    m_output.emplace(options.out, AtomicOutput::Kind::Folder, options.overwrite, inputs,
                     packedFileSize(config, m_plan) + slack);
    m_needsMoments = !m_statistics.normsOnly;
    if (m_statistics.hasMoments)
        m_reader.emplace(stats);
}

void QuantizationJob::useText(const Windows& windows, const std::string& textHash, const Decoder& decoder,
                              const RunContext& context)
{
    const std::string fingerprint =
        statisticsFingerprint(m_model.info, textHash, windows.context(), windows.count());
    requireSame("the text and its windows are not those of the statistics", m_statistics.path, fingerprint,
                m_statistics.fingerprint);
    m_moments = collectSecondMoments(decoder, windows, context);
}

at::Tensor QuantizationJob::moment(SiteId id) const
{
    const SiteStatistics& site = m_statistics.site(id);
    if (!m_needsMoments)
        return at::tensor(at::ArrayRef<double>(site.channelEnergy), at::kDouble);
    if (m_reader)
        return m_reader->moment(id, site.channels);
    return m_moments[static_cast<std::size_t>(id.layer) * kAllSites.size() + static_cast<std::size_t>(id.site)].mean();
}

std::shared_ptr<const WeightSource> QuantizationJob::turnedSource() const
{
    if (!m_plan.turnsResidual())
        return m_model.source;
    const auto kind = m_plan.options.basis == RotationKind::Pca        ? GlobalRotationKind::Pca
                      : m_plan.options.basis == RotationKind::Hadamard ? GlobalRotationKind::Hadamard
                                                                       : GlobalRotationKind::Random;
    at::Tensor pooled;
    if (kind == GlobalRotationKind::Pca)
        pooled = pooledResidualMoment(*m_model.source, [this](SiteId id) { return moment(id); });
    else
        pooled = at::eye(m_model.info.hiddenSize, at::kDouble); // only its size matters
    return std::make_shared<GloballyRotatedSource>(m_model.source, globalRotation(kind, pooled, m_plan.options.seed));
}

LayerInput QuantizationJob::layerInput(int layer, const WeightSource& source) const
{
    LayerInput input{layer, source.layer(layer), {}, {}};
    for (std::size_t site = 0; site < kAllSites.size(); ++site)
        input.moments[site] = moment({layer, kAllSites[site]});
    if (const auto* turned = dynamic_cast<const GloballyRotatedSource*>(&source)) {
        const LayerWeights plain = m_model.source->layer(layer);
        const auto turn = [&](Site site, const at::Tensor& gain) {
            at::Tensor& moment = input.moments[static_cast<std::size_t>(site)];
            moment = rotatedMoment(moment, gain, turned->rotation());
        };
        turn(Site::AttnIn, plain.attentionNorm);
        turn(Site::MlpIn, plain.mlpNorm);
    }
    for (const LinearRole role : kAllRoles)
        input.outputFisher[static_cast<std::size_t>(role)] = m_statistics.linear({layer, role}).outputFisher;
    // The rows of these are turned with the residual stream; what their outputs cost is spread over all of them.
    if (m_plan.turnsResidual())
        for (const LinearRole role : {LinearRole::O, LinearRole::Down})
            input.outputFisher[static_cast<std::size_t>(role)].clear();
    if (m_plan.site({layer, Site::AttnOut}).basis == Basis::HeadWise || m_plan.site({layer, Site::AttnOut}).basis == Basis::HeadWiseRandom)
        input.outputFisher[static_cast<std::size_t>(LinearRole::V)].clear();
    return input;
}

QuantizeResult QuantizationJob::run(const RunContext& context)
{
    const std::shared_ptr<const WeightSource> source = turnedSource();
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
            packed[index] = quantizeLayer(layerInput(first + static_cast<int>(i), *source), m_plan, config, context,
                                          outcomes[index]);
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
    nlohmann::ordered_json manifest{{"format", kPackedFormat},
                                    {"version", kPackedVersion},
                                    {"program", "eigenquant " + std::string(version())},
                                    {"model", m_model.info.name},
                                    {"model_fingerprint", m_model.info.fingerprint},
                                    {"model_format", m_model.info.sourceFormat},
                                    {"calibration",
                                     {{"text", m_statistics.textName},
                                      {"text_hash", m_statistics.textHash},
                                      {"tokens", m_statistics.tokens},
                                      {"context", m_statistics.context},
                                      {"windows", m_statistics.windows},
                                      {"fingerprint", m_statistics.fingerprint}}},
                                    {"effective_bits", result.effectiveBits},
                                    {"rotation_bits", result.rotationBits},
                                    {"bytes", result.bytes},
                                    {"outcomes", outcomesToJson(result.linears)},
                                    {"plan", nlohmann::ordered_json::parse(planToJson(m_plan))}};
    writeFile(m_output->path() / kManifestFile, manifest.dump(1) + '\n');
}

} // namespace eigenquant
