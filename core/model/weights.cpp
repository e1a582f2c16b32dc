// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/model/weights.h"

#include <algorithm>

namespace eigenquant {
namespace {

constexpr std::array<at::Tensor LayerVectors::*, kVectorRoles> kVectors{
    &LayerVectors::attentionNorm,    &LayerVectors::attentionNormBias, &LayerVectors::mlpNorm,
    &LayerVectors::mlpNormBias,      &LayerVectors::attentionOutNorm,  &LayerVectors::mlpOutNorm,
    &LayerVectors::queryNorm,        &LayerVectors::keyNorm};
constexpr std::array<std::string_view, kVectorRoles> kVectorNames{
    "attention_norm",     "attention_norm_bias", "mlp_norm",   "mlp_norm_bias",
    "attention_out_norm", "mlp_out_norm",        "query_norm", "key_norm"};

constexpr std::array<at::Tensor OuterWeights::*, kOuterRoles> kOuter{
    &OuterWeights::embedding, &OuterWeights::finalNorm, &OuterWeights::finalNormBias, &OuterWeights::head,
    &OuterWeights::positions, &OuterWeights::projectIn, &OuterWeights::projectOut};
constexpr std::array<std::string_view, kOuterRoles> kOuterNames{
    "embedding", "final_norm", "final_norm_bias", "head", "positions", "project_in", "project_out"};

} // namespace

at::Tensor& LayerVectors::vector(VectorRole role)
{
    return this->*kVectors[static_cast<std::size_t>(role)];
}

const at::Tensor& LayerVectors::vector(VectorRole role) const
{
    return this->*kVectors[static_cast<std::size_t>(role)];
}

at::Tensor& OuterWeights::tensor(OuterRole role)
{
    return this->*kOuter[static_cast<std::size_t>(role)];
}

const at::Tensor& OuterWeights::tensor(OuterRole role) const
{
    return this->*kOuter[static_cast<std::size_t>(role)];
}

std::vector<OuterSpec> outerSpecs(const ModelConfig& config)
{
    const std::int64_t hidden = config.hiddenSize, vocab = config.vocabSize, width = config.embeddingWidth();
    std::vector<OuterSpec> specs;
    const auto add = [&](OuterRole role, std::vector<std::int64_t> shape) {
        specs.push_back({role, kOuterNames[static_cast<std::size_t>(role)], std::move(shape)});
    };
    add(OuterRole::Embedding, {vocab, width});
    if (config.finalNorm)
        add(OuterRole::FinalNorm, {hidden});
    if (config.finalNorm && config.normBias)
        add(OuterRole::FinalNormBias, {hidden});
    if (!config.tiedEmbeddings)
        add(OuterRole::Head, {vocab, width});
    if (config.positionOffset > 0)
        add(OuterRole::Positions, {config.positionOffset + std::int64_t{config.contextLength}, hidden});
    if (config.embeddingSize > 0) {
        add(OuterRole::ProjectIn, {hidden, width});
        add(OuterRole::ProjectOut, {width, hidden});
    }
    return specs;
}

std::vector<Words> wordsInRuns(std::int64_t vocabSize, std::int64_t atATime)
{
    std::vector<Words> runs;
    for (std::int64_t begin = 0; begin < vocabSize; begin += atATime)
        runs.push_back({begin, std::min(atATime, vocabSize - begin)});
    return runs;
}

OuterWeights WeightSource::outer() const
{
    OuterWeights weights = smallOuter();
    const Words all{0, config().vocabSize};
    weights.embedding = rows(OuterRole::Embedding, all);
    weights.head = config().tiedEmbeddings ? weights.embedding : rows(OuterRole::Head, all);
    return weights;
}

OuterRole WeightSource::storedRole(OuterRole matrix) const
{
    return matrix == OuterRole::Head && config().tiedEmbeddings ? OuterRole::Embedding : matrix;
}

std::vector<VectorSpec> vectorSpecs(const ModelConfig& config)
{
    std::vector<VectorSpec> specs;
    const auto add = [&](VectorRole role, std::int64_t size) {
        specs.push_back({role, kVectorNames[static_cast<std::size_t>(role)], size});
    };
    for (const VectorRole role : {VectorRole::AttentionNorm, VectorRole::MlpNorm})
        add(role, config.hiddenSize);
    if (config.normBias)
        for (const VectorRole role : {VectorRole::AttentionNormBias, VectorRole::MlpNormBias})
            add(role, config.hiddenSize);
    if (config.outNorms)
        for (const VectorRole role : {VectorRole::AttentionOutNorm, VectorRole::MlpOutNorm})
            add(role, config.hiddenSize);
    if (config.headNorms)
        for (const VectorRole role : {VectorRole::QueryNorm, VectorRole::KeyNorm})
            add(role, config.headDim);
    return specs;
}

bool isGain(VectorRole role)
{
    return role != VectorRole::AttentionNormBias && role != VectorRole::MlpNormBias;
}

bool isGain(OuterRole role)
{
    return role == OuterRole::FinalNorm;
}

bool isStreamNorm(VectorRole role)
{
    return role <= VectorRole::MlpNormBias;
}

std::array<std::int64_t, 2> linearShape(const ModelConfig& config, LinearRole role)
{
    const std::int64_t hidden = config.hiddenSize;
    const std::int64_t inner = config.intermediateSize;
    const std::int64_t attention = static_cast<std::int64_t>(config.heads) * config.headDim;
    const std::int64_t keyValue = static_cast<std::int64_t>(config.kvHeads) * config.headDim;
    switch (role) {
    case LinearRole::Q:
        return {attention, hidden};
    case LinearRole::K:
    case LinearRole::V:
        return {keyValue, hidden};
    case LinearRole::O:
        return {hidden, attention};
    case LinearRole::Gate:
    case LinearRole::Up:
        return {inner, hidden};
    case LinearRole::Down:
        break;
    }
    return {hidden, inner};
}

std::int64_t siteChannels(const ModelConfig& config, Site site)
{
    switch (site) {
    case Site::AttnIn:
    case Site::MlpIn:
        return config.hiddenSize;
    case Site::AttnOut:
        return static_cast<std::int64_t>(config.heads) * config.headDim;
    case Site::MlpOut:
        break;
    }
    return config.intermediateSize;
}

bool hasBias(const ModelConfig& config, LinearRole role)
{
    if (role == LinearRole::O)
        return config.attentionBias && config.attentionOutBias;
    return siteOf(role) == Site::AttnIn ? config.attentionBias : config.mlpBias;
}

} // namespace eigenquant
