// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/analysis.h"

#include "core/calib/output_fisher.h"
#include "core/calib/pca.h"
#include "core/io/temporary_file.h"
#include "core/model/source_on_device.h"
#include "core/quant/column_errors.h"
#include "core/session/analysis_header.h"
#include "core/session/layer_statistics.h"
#include "core/session/resume_note.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <unistd.h>
#include <utility>

namespace eigenquant {
namespace {

constexpr const char* kStage = "analyzing";
constexpr const char* kFisherStep = "fisher";
constexpr std::uint64_t kChannelBytes = 64ull << 20; // of the channels, on the disk

std::string layerStep(int layer)
{
    return "layer " + std::to_string(layer);
}

std::string globalStep(int layer)
{
    return "global " + std::to_string(layer);
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

} // namespace

AnalysisJob::AnalysisJob(const ModelAssets& model, const CalibrationText& text, const AnalyzeOptions& options,
                         const ComputeTarget& target, const MemoryLimits& limits, const Decoder* whole)
    : m_model(model), m_source(sourceOn(target.device, model.source)),
      m_config(model.source->config()), m_text(text), m_options(options), m_whole(whole),
      m_target(target), m_place(ProcessPlace::fromEnvironment()), m_mine(ownWindows(text.windows, m_place)),
      m_resume(options.resume && m_place.isAlone()), m_fisherWindows(fisherWindowsOf(text.windows, options)),
      m_header(statisticsHeader(model.info, text, options, m_config))
{
    m_parts = {.kurtosis = true,
               .global = !options.normsOnly && canTurnResidual(m_config),
               .fisher = m_fisherWindows.has_value()};
    planMemory(limits);
}

void AnalysisJob::planMemory(const MemoryLimits& limits)
{
    const bool onGpu = m_target.device.is_cuda();
    PassNeeds needs{.base = currentRssBytes(),
                    .host = weightBytes(m_config, sizeof(float)),
                    .device = weightBytes(m_config, c10::elementSize(m_target.dtype)),
                    .onGpu = onGpu,
                    .modelIsThere = m_whole != nullptr};
    // Of several processes each keeps the moments of its own layer while it gathers those of the others' layers.
    const int threads = std::max(onGpu ? 1 : at::get_num_threads(), m_place.isAlone() ? 1 : 2);
    const std::int64_t fisherLength = m_fisherWindows ? m_fisherWindows->context() : 0;
    // What is left once the weights that are always there have their place.
    const std::uint64_t fixed = needs.base + (m_whole ? 0 : needs.device.ends() + 2 * needs.host.layer);
    const std::uint64_t available = limits.ram > fixed ? (limits.ram - fixed) / 2 : 0;
    m_work = analysisWork(m_config, m_options.normsOnly, m_text.windows.context(), threads, fisherLength, onGpu,
                          available);
    needs.hostWork = m_work.host;
    needs.deviceWork = m_work.device;
    needs.states = HiddenStates::bytes(m_mine.count(), m_mine.context(), m_config.hiddenSize, m_target);
    m_plan = planPass(needs, limits);
    m_ends = m_plan.ends;
    if (!m_fisherWindows)
        return;
    const std::int64_t count = ownWindows(*m_fisherWindows, m_place).count();
    needs.states = HiddenStates::bytes(static_cast<std::int64_t>(m_config.layers + 1) * count,
                                       fisherLength, m_config.hiddenSize, m_target);
    needs.readers = threads;
    m_fisherPlan = planPass(needs, limits);
    m_ends = std::max(m_ends, m_fisherPlan.ends);
}

void AnalysisJob::run(const RunContext& context)
try {
    ProcessGroup processes(m_place, context);
    processes.tellingFailures([&] {
        TensorExchange exchange(processes, m_target.device, context);
        m_processes = &processes;
        m_exchange = &exchange;
        measure(context);
    });
} catch (Error& error) {
    if (m_output)
        hintAtResume(error, *m_output, m_resume);
    throw;
}

void AnalysisJob::measure(const RunContext& context)
{
    m_place.isFirst() ? openFiles(context) : openScratch();
    {
        LayerSupply supply = m_whole ? LayerSupply(*m_whole) : LayerSupply(*m_source, m_target, m_ends);
        if (m_parts.fisher && !isDone(kFisherStep))
            measureFisher(supply, context);
        measureLayers(supply, context);
    }
    if (m_parts.global)
        measureGlobal(context);
    if (m_place.isFirst()) {
        m_writer->finish();
        context.checkpoint();
        m_output->commit();
    }
    m_processes->meet(context);
}

void AnalysisJob::openFiles(const RunContext& context)
{
    std::vector<std::filesystem::path> inputs = m_model.store->files();
    inputs.push_back(m_options.text.source());
    const int fisherWindows = m_fisherWindows ? m_fisherWindows->count() : 0;
    const std::uint64_t bytes = (m_header.hasMoments ? momentBytes(m_config) : 0) + kChannelBytes;
    m_output.emplace(
        m_options.out, OutputKind::File, analysisIngredients(m_header, m_text, m_target, fisherWindows),
        ResumableOutput::Options{m_options.overwrite, m_resume, inputs, bytes});
    m_writer.emplace(m_output->path(), m_header, m_config, m_parts);
    if (keepsStash())
        m_stash.emplace(m_output->besides("moments"), m_config, residualSites(m_config));
    if (m_output->finishedSteps() > 0 && (!m_writer->wentOn() || (m_stash && !m_stash->wentOn())))
        m_output->beginAnew("its files are not as they were left");
    m_done = {m_output->steps().begin(), m_output->steps().end()};
    trustDoneSteps();
    tell(context);
}

void AnalysisJob::openScratch()
{
    m_writer.emplace();
    if (!keepsStash())
        return;
    // Without a name once it is open, so that it goes with the process.
    const std::filesystem::path file = temporaryFolder() / ("eigenquant-moments-" + std::to_string(::getpid()));
    m_stash.emplace(file, m_config, residualSites(m_config));
    std::filesystem::remove(file);
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
    if (!m_resume)
        return;
    m_writer->sync();
    if (m_stash)
        m_stash->sync();
    m_output->finishStep(step);
}

LayerPass::States AnalysisJob::statesIn(StatePlace place) const
{
    return {place, m_output ? m_output->folder() : temporaryFolder()};
}

void AnalysisJob::measureFisher(LayerSupply& supply, const RunContext& context)
{
    const OutputFisher fisher =
        measureOutputFisher(supply, *m_fisherWindows, 0, statesIn(m_fisherPlan.states), context, m_processes);
    if (!m_place.isFirst())
        return;
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
    if (first == 0 && m_parts.global)
        m_pooled.emplace(m_config);
    LayerPass pass(supply, m_mine, statesIn(m_plan.states), context);
    while (pass.next() < first)
        pass.advance("going through finished layers", context);
    // Each process of a job works one layer out while the others do the same for theirs.
    const int alone = m_options.normsOnly ? 1 : m_work.layersAtOnce;
    const int together = m_place.isAlone() ? alone : m_place.size;
    while (pass.next() < m_config.layers) {
        const int begin = pass.next(), end = std::min(begin + together, m_config.layers);
        if (m_options.normsOnly)
            measureNorms(pass, supply, end, context);
        else
            measureMoments(pass, supply, end, context);
        collect(begin, end, context);
    }
    context.report(kStage, "layers", m_config.layers, m_config.layers);
}

/// What the sites of the layers before `end` read, in all processes of the job: of our own layers.
template <class Gathered, class Advance>
std::vector<Gathered> AnalysisJob::gatherOurs(LayerPass& pass, int end, const Advance& advance)
{
    std::vector<Gathered> ours;
    while (pass.next() < end) {
        const int layer = pass.next();
        std::vector<Gathered> sites = advance();
        m_exchange->meet();
        for (Gathered& site : sites)
            site.addOthers(*m_exchange);
        if (isOurs(layer))
            std::ranges::move(sites, std::back_inserter(ours));
    }
    return ours;
}

/// Brings what the processes have written of their layers to the first.
void AnalysisJob::collect(int begin, int end, const RunContext& context)
{
    for (int layer = begin; layer < end; ++layer) {
        if (layer % m_place.size == 0)
            continue;
        const auto mine = isOurs(layer) ? m_writer->takeRecords() : std::vector<std::byte>();
        const auto records = m_processes->toFirst(layer % m_place.size, mine, context);
        if (m_place.isFirst())
            m_writer->writeRecords(records);
    }
}

void AnalysisJob::measureMoments(LayerPass& pass, LayerSupply& supply, int end, const RunContext& context)
{
    std::vector<SecondMoment> moments =
        gatherOurs<SecondMoment>(pass, end, [&] { return pass.advanceForMoments(kStage, context); });
    supply.release(); // factorizations take its place
    std::vector<at::Tensor> means;
    for (SecondMoment& moment : moments)
        means.push_back(moment.takeMean());
    const std::vector<PrincipalBasis> principal = principalBases(means, m_work.basesAtOnce, context);
    for (std::size_t first = 0; first < moments.size(); first += kAllSites.size()) {
        const int layer = moments[first].id().layer;
        context.report(kStage, "layers", layer, m_config.layers);
        LayerBases bases;
        const LayerWeights weights = m_source->layer(layer);
        for (std::size_t i = first; i < first + kAllSites.size(); ++i) {
            context.checkpoint();
            m_writer->write(siteStatistics(moments[i], means[i], principal[i], m_config, bases));
            m_writer->writeKurtosis(moments[i].id(), moments[i].kurtosis());
            keepMoment(moments[i].id(), weights, std::exchange(means[i], at::Tensor()));
        }
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            context.checkpoint();
            m_writer->write(linearStatistics({layer, role}, weights.linear(role).weight, bases));
        }
        finishStep(layerStep(layer));
    }
}

void AnalysisJob::keepMoment(SiteId id, const LayerWeights& weights, const at::Tensor& mean)
{
    if (m_header.hasMoments)
        m_writer->writeMoment(id, mean);
    if (!m_parts.global || !readsResidual(id.site))
        return;
    if (m_stash)
        m_stash->write(id, mean);
    if (m_pooled)
        m_pooled->add(mean, id.site == Site::AttnIn ? weights.attentionNorm : weights.mlpNorm);
}

void AnalysisJob::measureNorms(LayerPass& pass, LayerSupply& supply, int end, const RunContext& context)
{
    const std::vector<ChannelNorms> norms =
        gatherOurs<ChannelNorms>(pass, end, [&] { return pass.advanceForNorms(kStage, context); });
    supply.release();
    for (std::size_t first = 0; first < norms.size(); first += kAllSites.size()) {
        const int layer = norms[first].id().layer;
        for (const ChannelNorms& site : std::span(norms).subspan(first, kAllSites.size())) {
            m_writer->write(SiteStatistics{.id = site.id(),
                                           .channels = static_cast<int>(site.channels()),
                                           .tokens = site.tokens(),
                                           .channelEnergy = toVector(site.energy()),
                                           .channelMax = toVector(site.channelMax())});
            m_writer->writeKurtosis(site.id(), site.kurtosis());
        }
        const LayerWeights weights = m_source->layer(layer);
        for (const LinearRole role : layerRoles(m_config.gatedMlp)) {
            context.checkpoint();
            LinearStatistics linear = blankLinear({layer, role}, weights.linear(role).weight);
            linear.columns[Basis::Original] = measureColumnErrors(weights.linear(role).weight);
            m_writer->write(linear);
        }
        finishStep(layerStep(layer));
    }
}

at::Tensor AnalysisJob::residualMoment(SiteId id) const
{
    const std::int64_t channels = siteChannels(m_config, id.site);
    return m_stash ? m_stash->read(id, channels, m_target.device) : m_writer->readMoment(id, channels, m_target.device);
}

at::Tensor AnalysisJob::pooledMoment(const RunContext& context) const
{
    return pooledResidualMoment(*m_model.source, [this, &context](SiteId id) {
        context.checkpoint();
        return isOurs(id.layer) ? residualMoment(id) : at::Tensor();
    });
}

at::Tensor AnalysisJob::residualRotation(const RunContext& context) const
{
    at::Tensor everyones = (m_pooled ? m_pooled->mean() : pooledMoment(context)).to(m_target.device).contiguous();
    m_exchange->meet();
    m_exchange->sum(everyones);
    if (m_place.isFirst())
        everyones = globalRotation(GlobalRotationKind::Pca, everyones, 0);
    else
        everyones.zero_();
    // One process's, to the bit: GPUs of two kinds need not agree on eigenvectors.
    m_exchange->meet();
    m_exchange->sum(everyones);
    return everyones;
}

void AnalysisJob::measureGlobal(const RunContext& context)
{
    constexpr const char* kGlobalStage = "one rotation for all layers";
    context.report(kGlobalStage, "layers", 0, m_config.layers);
    const at::Tensor rotation = residualRotation(context);
    for (int layer = 0; layer < m_config.layers; ++layer) {
        context.report(kGlobalStage, "layers", layer, m_config.layers);
        if (isOurs(layer) && !isDone(globalStep(layer)))
            measureGlobal(layer, rotation, context);
    }
    collect(0, m_config.layers, context);
    context.report(kGlobalStage, "layers", m_config.layers, m_config.layers);
}

void AnalysisJob::measureGlobal(int layer, const at::Tensor& rotation, const RunContext& context)
{
    const LayerWeights weights = m_source->layer(layer);
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
        const at::Tensor basis = gain(siteOf(role)).to(m_target.device).to(at::kDouble).unsqueeze(1) * rotation;
        linear.columns[Basis::Global] = errorsIn(basis, weights.linear(role).weight);
        m_writer->write(linear);
    }
    finishStep(globalStep(layer));
}

} // namespace eigenquant
