// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/analysis.h"

#include "core/calib/output_fisher.h"
#include "core/calib/pca.h"
#include "core/io/hash.h"
#include "core/quant/column_errors.h"
#include "core/quant/global_rotation.h"
#include "core/session/resume_note.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>

#include <algorithm>
#include <array>

namespace eigenquant {
namespace {

constexpr int kFisherContext = 512;
constexpr const char* kStage = "analyzing";
constexpr const char* kFisherStep = "fisher";

std::string layerStep(int layer)
{
    return "layer " + std::to_string(layer);
}

std::string globalStep(int layer)
{
    return "global " + std::to_string(layer);
}

std::vector<double> toVector(const at::Tensor& values)
{
    const at::Tensor flat = values.to(at::kCPU, at::kDouble).contiguous();
    return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

bool readsResidual(Site site)
{
    return site == Site::AttnIn || site == Site::MlpIn;
}

/// The sites whose moments the one rotation of the residual stream is made from.
std::vector<SiteId> residualSites(const ModelConfig& config)
{
    std::vector<SiteId> sites;
    for (int layer = 0; layer < config.layers; ++layer)
        for (const Site site : {Site::AttnIn, Site::MlpIn})
            sites.push_back({layer, site});
    return sites;
}

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

/// What one layer's sites come to, with the bases that its linears are looked at in.
struct LayerBases {
    std::array<at::Tensor, kAllSites.size()> principal; ///< float64 [channels, channels]
    at::Tensor headWise;                                ///< of attn_out
};

SiteStatistics siteStatistics(const SecondMoment& moment, const at::Tensor& mean, const PrincipalBasis& principal,
                              const ModelConfig& config, LayerBases& bases)
{
    bases.principal[static_cast<std::size_t>(moment.id().site)] = principal.vectors;
    SiteStatistics site{moment.id(), static_cast<int>(moment.channels()), moment.tokens()};
    site.eigenvalues = toVector(principal.values);
    site.channelEnergy = toVector(mean.diagonal());
    site.channelMax = toVector(moment.channelMax());
    if (moment.id().site == Site::AttnOut) {
        const at::Tensor heads = headWiseBases(mean, config.heads, config.kvHeads);
        bases.headWise = blockDiagonal(heads, config.heads).to(mean.device());
        site.headWiseEnergy = toVector((at::matmul(mean, bases.headWise) * bases.headWise).sum(0).clamp_min(0));
    }
    return site;
}

ColumnErrors errorsIn(const at::Tensor& basis, const at::Tensor& weight)
{
    return measureColumnErrors(at::matmul(weight, basis.to(at::kFloat)));
}

LinearStatistics blankLinear(LinearId id, const at::Tensor& weight)
{
    return {id, static_cast<int>(weight.size(0)), static_cast<int>(weight.size(1)), {}};
}

LinearStatistics linearStatistics(LinearId id, const at::Tensor& weight, const LayerBases& bases)
{
    LinearStatistics linear = blankLinear(id, weight);
    linear.columns[Basis::Original] = measureColumnErrors(weight);
    linear.columns[Basis::Pca] = errorsIn(bases.principal[static_cast<std::size_t>(siteOf(id.role))], weight);
    if (id.role == LinearRole::O)
        linear.columns[Basis::HeadWise] = errorsIn(bases.headWise, weight);
    return linear;
}

std::uint64_t bytesOnDisk(const ModelConfig& config, bool hasMoments)
{
    constexpr std::uint64_t slack = 64ull << 20; // vectors of channels
    return (hasMoments ? momentBytes(config) : 0) + slack;
}

ModelStatistics headerOf(const ModelInfo& model, const CalibrationText& text, const AnalyzeOptions& options,
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

/// What another run must share to go on with this one: its bytes depend on nothing else.
Ingredients ingredientsOf(const ModelStatistics& header, const CalibrationText& text, const ComputeTarget& target,
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

AnalysisJob::AnalysisJob(const ModelAssets& model, const CalibrationText& text, const AnalyzeOptions& options,
                         const ComputeTarget& target, const MemoryLimits& limits, const Decoder* whole)
    : m_model(model), m_config(model.source->config()), m_text(text), m_options(options), m_whole(whole),
      m_target(target), m_header(headerOf(model.info, text, options, m_config))
{
    if (const auto ids = fisherTokens(text.windows, options.normsOnly ? 0 : options.fisherWindows); !ids.empty())
        m_fisherWindows.emplace(ids, std::min(text.windows.context(), kFisherContext), 0, "calibration text");
    m_parts = {.kurtosis = true,
               .global = !options.normsOnly && canTurnResidual(m_config),
               .fisher = m_fisherWindows.has_value()};
    planMemory(limits);
    std::vector<std::filesystem::path> inputs = model.store->files();
    inputs.push_back(options.text.source());
    m_output.emplace(options.out, OutputKind::File,
                     ingredientsOf(m_header, text, target, m_fisherWindows ? m_fisherWindows->count() : 0),
                     ResumableOutput::Options{.overwrite = options.overwrite,
                                              .resume = options.resume,
                                              .inputs = inputs,
                                              .expectedBytes = bytesOnDisk(m_config, m_header.hasMoments)});
}

void AnalysisJob::planMemory(const MemoryLimits& limits)
{
    const bool onGpu = m_target.device.is_cuda();
    PassNeeds needs{.base = currentRssBytes(),
                    .host = weightBytes(m_config, sizeof(float)),
                    .device = weightBytes(m_config, c10::elementSize(m_target.dtype)),
                    .onGpu = onGpu,
                    .modelIsThere = m_whole != nullptr};
    const int threads = onGpu ? 1 : at::get_num_threads();
    const std::int64_t fisherLength = m_fisherWindows ? m_fisherWindows->context() : 0;
    // What is left once the weights that are always there have their place.
    const std::uint64_t fixed = needs.base + (m_whole ? 0 : needs.device.outer + 2 * needs.host.layer);
    const std::uint64_t available = limits.ram > fixed ? (limits.ram - fixed) / 2 : 0;
    m_work = analysisWork(m_config, m_options.normsOnly, m_text.windows.context(), threads, fisherLength, onGpu, available);
    needs.hostWork = m_work.host;
    needs.deviceWork = m_work.device;
    needs.states =
        HiddenStates::bytes(m_text.windows.count(), m_text.windows.context(), m_config.hiddenSize, m_target);
    m_plan = planPass(needs, limits);
    if (!m_fisherWindows)
        return;
    needs.states = HiddenStates::bytes(static_cast<std::int64_t>(m_config.layers + 1) * m_fisherWindows->count(),
                                       fisherLength, m_config.hiddenSize, m_target);
    m_fisherPlan = planPass(needs, limits);
}

void AnalysisJob::run(const RunContext& context)
try {
    openFiles();
    tell(context);
    {
        LayerSupply supply = m_whole ? LayerSupply(*m_whole) : LayerSupply(*m_model.source, m_target);
        if (m_parts.fisher && !isDone(kFisherStep))
            measureFisher(supply, context);
        measureLayers(supply, context);
    }
    if (m_parts.global)
        measureGlobal(context);
    m_writer->finish();
    context.checkpoint();
    m_output->commit();
} catch (Error& error) {
    hintAtResume(error, *m_output, m_options.resume);
    throw;
}

void AnalysisJob::openFiles()
{
    m_writer.emplace(m_output->path(), m_header, m_config, m_parts);
    if (m_parts.global && !m_header.hasMoments)
        m_stash.emplace(m_output->besides("moments"), m_config, residualSites(m_config));
    if (m_output->finishedSteps() > 0 && (!m_writer->wentOn() || (m_stash && !m_stash->wentOn())))
        m_output->beginAnew("its files are not as they were left");
    m_done = {m_output->steps().begin(), m_output->steps().end()};
    trustDoneSteps();
}

void AnalysisJob::trustDoneSteps()
{
    if (isDone(kFisherStep))
        m_writer->trustFisher();
    for (int layer = 0; layer < m_config.layers; ++layer) {
        if (isDone(layerStep(layer))) {
            m_writer->trustLayer(layer);
            for (const Site site : {Site::AttnIn, Site::MlpIn})
                if (m_stash)
                    m_stash->trust({layer, site});
        }
        if (isDone(globalStep(layer)))
            m_writer->trustGlobal(layer);
    }
}

void AnalysisJob::tell(const RunContext& context) const
{
    int layers = 0;
    for (int layer = 0; layer < m_config.layers; ++layer)
        layers += isDone(layerStep(layer)) ? 1 : 0;
    tellOfResume(*m_output, layers, m_config.layers, context);
}

void AnalysisJob::finishStep(const std::string& step)
{
    if (!m_options.resume)
        return;
    m_writer->sync();
    if (m_stash)
        m_stash->sync();
    m_output->finishStep(step);
}

LayerPass::States AnalysisJob::statesIn(StatePlace place) const
{
    return {place, m_output->folder()};
}

void AnalysisJob::measureFisher(LayerSupply& supply, const RunContext& context)
{
    const OutputFisher fisher =
        measureOutputFisher(supply, *m_fisherWindows, 0, statesIn(m_fisherPlan.states), context);
    for (int layer = 0; layer < m_config.layers; ++layer)
        for (const LinearRole role : layerRoles(m_config.gatedMlp))
            m_writer->write(LinearStatistics{.id = {layer, role}, .outputFisher = fisher.of({layer, role})});
    finishStep(kFisherStep);
}

void AnalysisJob::measureLayers(LayerSupply& supply, const RunContext& context)
{
    int first = 0;
    while (first < m_config.layers && isDone(layerStep(first)))
        ++first;
    if (first == m_config.layers)
        return;
    LayerPass pass(supply, m_text.windows, statesIn(m_plan.states), context);
    while (pass.next() < first)
        pass.advance("going through finished layers", context);
    while (pass.next() < m_config.layers) {
        if (m_options.normsOnly)
            measureNorms(pass, supply, context);
        else
            measureGroup(pass, supply, std::min(m_work.layersAtOnce, m_config.layers - pass.next()), context);
    }
    context.report(kStage, "layers", m_config.layers, m_config.layers);
}

void AnalysisJob::measureGroup(LayerPass& pass, LayerSupply& supply, int count, const RunContext& context)
{
    const int first = pass.next();
    std::vector<SecondMoment> moments;
    for (int i = 0; i < count; ++i)
        for (SecondMoment& site : pass.advanceForMoments(kStage, context))
            moments.push_back(std::move(site));
    supply.release(); // factorizations take its place
    std::vector<at::Tensor> means;
    for (SecondMoment& moment : moments)
        means.push_back(moment.takeMean());
    const std::vector<PrincipalBasis> principal = principalBases(means, m_work.basesAtOnce, context);
    for (int layer = first; layer < first + count; ++layer) {
        context.report(kStage, "layers", layer, m_config.layers);
        LayerBases bases;
        for (std::size_t site = 0; site < kAllSites.size(); ++site) {
            context.checkpoint();
            const std::size_t i = static_cast<std::size_t>(layer - first) * kAllSites.size() + site;
            m_writer->write(siteStatistics(moments[i], means[i], principal[i], m_config, bases));
            m_writer->writeKurtosis(moments[i].id(), moments[i].kurtosis());
            if (m_header.hasMoments)
                m_writer->writeMoment(moments[i].id(), means[i]);
            else if (m_stash && readsResidual(moments[i].id().site))
                m_stash->write(moments[i].id(), means[i]);
            means[i].reset();
        }
        const LayerWeights weights = m_model.source->layer(layer);
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            context.checkpoint();
            m_writer->write(linearStatistics({layer, role}, onDevice(weights, role), bases));
        }
        finishStep(layerStep(layer));
    }
}

void AnalysisJob::measureNorms(LayerPass& pass, LayerSupply& supply, const RunContext& context)
{
    const int layer = pass.next();
    for (const ChannelNorms& site : pass.advanceForNorms(kStage, context)) {
        m_writer->write(SiteStatistics{.id = site.id(),
                                       .channels = static_cast<int>(site.channels()),
                                       .tokens = site.tokens(),
                                       .channelEnergy = toVector(site.energy()),
                                       .channelMax = toVector(site.channelMax())});
        m_writer->writeKurtosis(site.id(), site.kurtosis());
    }
    supply.release();
    const LayerWeights weights = m_model.source->layer(layer);
    for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
        context.checkpoint();
        LinearStatistics linear = blankLinear({layer, role}, weights.linear(role).weight);
        linear.columns[Basis::Original] = measureColumnErrors(onDevice(weights, role));
        m_writer->write(linear);
    }
    finishStep(layerStep(layer));
}

at::Tensor AnalysisJob::onDevice(const LayerWeights& weights, LinearRole role) const
{
    return weights.linear(role).weight.to(m_target.device);
}

at::Tensor AnalysisJob::residualMoment(SiteId id) const
{
    const std::int64_t channels = siteChannels(m_config, id.site);
    const at::Tensor moment = m_stash ? m_stash->read(id, channels) : m_writer->readMoment(id, channels);
    return moment.to(m_target.device);
}

void AnalysisJob::measureGlobal(const RunContext& context)
{
    constexpr const char* kGlobalStage = "one rotation for all layers";
    context.report(kGlobalStage, "layers", 0, m_config.layers);
    const at::Tensor rotation = globalRotation(
        GlobalRotationKind::Pca, pooledResidualMoment(*m_model.source, [this, &context](SiteId id) {
            context.checkpoint();
            return residualMoment(id);
        }), 0);
    for (int layer = 0; layer < m_config.layers; ++layer) {
        context.report(kGlobalStage, "layers", layer, m_config.layers);
        if (isDone(globalStep(layer)))
            continue;
        const LayerWeights weights = m_model.source->layer(layer);
        const auto gain = [&](Site site) { return site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm; };
        for (const Site site : {Site::AttnIn, Site::MlpIn}) {
            const at::Tensor turned = rotatedMoment(residualMoment({layer, site}), gain(site), rotation);
            m_writer->write(SiteStatistics{.id = {layer, site}, .globalEnergy = toVector(turned.diagonal())});
        }
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            context.checkpoint();
            if (!readsResidual(siteOf(role)))
                continue;
            LinearStatistics linear = blankLinear({layer, role}, weights.linear(role).weight);
            const at::Tensor basis =
                gain(siteOf(role)).to(m_target.device).to(at::kDouble).unsqueeze(1) * rotation;
            linear.columns[Basis::Global] = errorsIn(basis, onDevice(weights, role));
            m_writer->write(linear);
        }
        finishStep(globalStep(layer));
    }
    context.report(kGlobalStage, "layers", m_config.layers, m_config.layers);
}

} // namespace eigenquant
