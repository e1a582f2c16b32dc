// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/layer_inputs.h"

#include "core/model/source_on_device.h"
#include "core/quant/global_rotation.h"
#include "core/quant/plan.h"
#include "core/session/analysis_header.h"

#include <ATen/ops/eye.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros_like.h>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;

void requireSame(const char* what, const fs::path& file, const std::string& found, const std::string& expected)
{
    if (found != expected)
        throw Error::invalid(what).file(file.string()).field("fingerprint").found(found).expected(expected);
}

} // namespace

LayerInputs::LayerInputs(const ModelAssets& model, const fs::path& stats)
    : m_model(model), m_statistics(readStatistics(stats)), m_source(model.source)
{
    if (model.packed)
        throw Error::usage("the model is already quantized").file(model.path.string());
    requireSame("the statistics are of another model", stats, m_statistics.model.fingerprint, model.info.fingerprint);
    if (m_statistics.hasMoments)
        m_reader.emplace(stats);
}

void LayerInputs::accept(Plan& plan) const
{
    if (!plan.statsFingerprint.empty())
        requireSame("the plan was made for other statistics", m_statistics.path, m_statistics.fingerprint,
                    plan.statsFingerprint);
    validatePlan(plan, m_statistics);
    predict(plan, m_statistics);
}

void LayerInputs::useText(const CalibrationText& text, const Decoder* whole, const ComputeTarget& target,
                          const PassPlan& plan, const std::filesystem::path& folder)
{
    const std::string fingerprint =
        statisticsFingerprint(m_model.info, text.hash, text.windows.context(), text.windows.count());
    requireSame("the text and its windows are not those of the statistics", m_statistics.path, fingerprint,
                m_statistics.fingerprint);
    m_text = &text;
    m_supply = whole ? std::make_unique<LayerSupply>(*whole)
                     : std::make_unique<LayerSupply>(*m_source, target, plan.ends);
    m_states = {plan.states, folder};
}

void LayerInputs::useDevice(c10::Device device)
{
    m_device = device;
    m_source = sourceOn(device, m_model.source);
}

void LayerInputs::shareWith(const ProcessPlace& place, TensorExchange& exchange)
{
    m_place = place;
    m_exchange = place.isAlone() ? nullptr : &exchange;
}

void LayerInputs::gather(int first, int count, const RunContext& context)
{
    gather(first, count, m_place.isAlone(), context);
}

void LayerInputs::gather(int first, int count, bool allLayers, const RunContext& context)
{
    m_moments.clear();
    if (!m_text)
        return;
    if (!m_windows)
        m_windows = ownWindows(m_text->windows, m_place);
    if (!m_pass)
        m_pass = std::make_unique<LayerPass>(*m_supply, *m_windows, m_states, context);
    while (m_pass->next() < first)
        m_pass->advance("going through finished layers", context);
    for (int layer = first; layer < first + count; ++layer) {
        std::vector<SecondMoment> moments = m_pass->advanceForMoments("computing second moments", context);
        if (m_exchange)
            m_exchange->meet();
        for (SecondMoment& moment : moments) {
            if (m_exchange)
                moment.addOthers(*m_exchange);
            if (allLayers || layer % m_place.size == m_place.rank)
                m_moments[layer].push_back(moment.takeMean());
        }
    }
    m_supply->release(); // the layer that is quantized takes its place
}

at::Tensor LayerInputs::moment(SiteId id) const
{
    const SiteStatistics& site = m_statistics.site(id);
    if (m_statistics.normsOnly)
        return at::tensor(at::ArrayRef<double>(site.channelEnergy), at::kDouble);
    if (m_reader)
        return m_reader->moment(id, site.channels, m_device);
    return m_moments.at(id.layer)[static_cast<std::size_t>(id.site)].to(m_device);
}

std::shared_ptr<const WeightSource> LayerInputs::source(const Plan& plan) const
{
    return turned(plan, [this](SiteId id) { return moment(id); });
}

std::shared_ptr<const WeightSource> LayerInputs::gatherSource(const Plan& plan, const RunContext& context)
{
    if (!m_text)
        return source(plan);
    auto result = turned(plan, [&](SiteId id) {
        if (!m_moments.contains(id.layer))
            gather(id.layer, 1, true, context);
        return moment(id);
    });
    m_pass.reset(); // the next pass begins at the first layer again
    m_moments.clear();
    return result;
}

std::shared_ptr<const WeightSource> LayerInputs::turned(const Plan& plan,
                                                        const std::function<at::Tensor(SiteId)>& momentOf) const
{
    if (!plan.turnsResidual())
        return m_source;
    const auto kind = plan.options.basis == RotationKind::Pca        ? GlobalRotationKind::Pca
                      : plan.options.basis == RotationKind::Hadamard ? GlobalRotationKind::Hadamard
                                                                       : GlobalRotationKind::Random;
    at::Tensor pooled;
    if (kind == GlobalRotationKind::Pca)
        pooled = pooledResidualMoment(*m_source, momentOf);
    else
        pooled = at::eye(m_model.info.hiddenSize, at::kDouble); // only its size matters
    const at::Tensor rotation = ofFirstProcess(globalRotation(kind, pooled, plan.options.seed).to(m_device));
    return std::make_shared<GloballyRotatedSource>(m_source, rotation);
}

/// GPUs of two kinds need not agree on eigenvectors to the bit.
at::Tensor LayerInputs::ofFirstProcess(const at::Tensor& rotation) const
{
    if (!m_exchange)
        return rotation;
    at::Tensor shared = m_place.isFirst() ? rotation.contiguous() : at::zeros_like(rotation).contiguous();
    m_exchange->meet();
    m_exchange->sum(shared);
    return shared;
}

LayerInput LayerInputs::layer(int index, const Plan& plan, const WeightSource& from) const
{
    LayerInput input{index, from.layer(index), {}, {}};
    for (std::size_t site = 0; site < kAllSites.size(); ++site)
        input.moments[site] = moment({index, kAllSites[site]});
    if (const auto* turned = dynamic_cast<const GloballyRotatedSource*>(&from)) {
        const LayerWeights plain = m_source->layer(index);
        const auto turn = [&](Site site, const at::Tensor& gain) {
            at::Tensor& moment = input.moments[static_cast<std::size_t>(site)];
            moment = rotatedMoment(moment, gain, turned->rotation());
        };
        turn(Site::AttnIn, plain.attentionNorm);
        turn(Site::MlpIn, plain.mlpNorm);
    }
    for (const LinearRole role : layerRoles(m_model.info.gatedMlp))
        input.outputFisher[static_cast<std::size_t>(role)] = m_statistics.linear({index, role}).outputFisher;
    // The rows of these are turned with the residual stream; what their outputs cost is spread over all of them.
    if (plan.turnsResidual())
        for (const LinearRole role : {LinearRole::O, LinearRole::Down})
            input.outputFisher[static_cast<std::size_t>(role)].clear();
    if (const Basis basis = plan.site({index, Site::AttnOut}).basis;
        basis == Basis::HeadWise || basis == Basis::HeadWiseRandom)
        input.outputFisher[static_cast<std::size_t>(LinearRole::V)].clear();
    return input;
}

} // namespace eigenquant
