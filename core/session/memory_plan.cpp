// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/memory_plan.h"

#include "core/base/error.h"
#include "core/base/gibibytes.h"
#include "core/device/device.h"
#include "core/eval/scored_window.h"
#include "core/quant/quantize_linear.h"

#include <algorithm>

namespace eigenquant {
namespace {

constexpr std::uint64_t kFloat = 4, kDouble = 8; // bytes
/// What allocators lose between blocks of different sizes, and libraries take for themselves.
constexpr double kAllocatorSlack = 1.1;
constexpr std::uint64_t kLibraries = 96ull << 20;
/// eigh's copy, its work space and the eigenvectors, in units of channels².
constexpr std::uint64_t kMatricesPerFactorization = 5;
/// What a GPU, which measures rounding errors some rows at a time, holds of them in units of a rotated weight.
constexpr std::uint64_t kPartsOfErrors = 2;

std::uint64_t square(std::int64_t channels)
{
    return static_cast<std::uint64_t>(channels) * static_cast<std::uint64_t>(channels);
}

std::uint64_t withSlack(std::uint64_t bytes)
{
    return static_cast<std::uint64_t>(kAllocatorSlack * static_cast<double>(bytes)) + kLibraries;
}

std::int64_t widestSite(const ModelConfig& config)
{
    std::int64_t widest = 0;
    for (const Site site : kAllSites)
        widest = std::max(widest, siteChannels(config, site));
    return widest;
}

/// channels² of all sites of a layer.
std::uint64_t siteSquares(const ModelConfig& config)
{
    std::uint64_t sum = 0;
    for (const Site site : kAllSites)
        sum += square(siteChannels(config, site));
    return sum;
}

std::uint64_t largestLinear(const ModelConfig& config)
{
    std::uint64_t largest = 0;
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const auto [out, in] = linearShape(config, role);
        largest = std::max(largest, static_cast<std::uint64_t>(out * in));
    }
    return largest;
}

Error tooLittle(const char* what, const char* flag, std::uint64_t needed, std::uint64_t allowed, bool given)
{
    return Error::resources(std::string("not enough ") + what + ": needed " + std::to_string(needed) +
                            " bytes, allowed " + std::to_string(allowed) + " bytes")
        .field(flag)
        .expected("at least " + gibibytes(needed))
        .found(gibibytes(allowed) + (given ? "" : ", which is what there is"))
        .hint(given ? "allow more, or take fewer or shorter windows (--windows, --context)"
                    : "take fewer or shorter windows (--windows, --context), or another machine");
}

/// The place for hidden states that a pass starts to look at, and those behind it.
std::vector<StatePlace> placesOf(const PassNeeds& needs)
{
    if (needs.onGpu)
        return {StatePlace::Device, StatePlace::Memory, StatePlace::File};
    return {StatePlace::Memory, StatePlace::File};
}

PassPlan candidate(const PassNeeds& needs, bool wholeModel, EndsPlace ends, StatePlace states)
{
    PassPlan plan{
        .wholeModel = wholeModel, .ends = ends, .states = states, .ram = needs.base, .vram = 0, .reason = {}};
    const bool reads = !needs.modelIsThere;
    // While a layer, or rows of the head, are read, they are there as they were read and as they are computed
    // with.
    const std::uint64_t reading =
        reads ? std::max(2 * needs.host.layer, needs.host.outer + needs.host.someWords) : 0;
    const std::uint64_t someWords = static_cast<std::uint64_t>(needs.readers) * needs.device.someWords;
    const std::uint64_t words = ends == EndsPlace::Held ? needs.device.words : someWords;
    const std::uint64_t kept =
        reads ? needs.device.outer + words + (wholeModel ? needs.device.all() - needs.device.ends() : 0) : 0;
    std::uint64_t ram = reading + needs.hostWork + (states == StatePlace::Memory ? needs.states : 0);
    if (needs.onGpu)
        plan.vram = withSlack(kept + (wholeModel ? 0 : needs.device.layer) + needs.deviceWork +
                              (states == StatePlace::Device ? needs.states : 0));
    else
        ram += kept;
    plan.ram += withSlack(ram);
    return plan;
}

bool fits(const PassPlan& plan, const MemoryLimits& limits)
{
    return plan.ram <= limits.ram && (limits.vram == 0 || plan.vram <= limits.vram);
}

bool wantsWholeModel(const PassNeeds& needs, const MemoryLimits& limits)
{
    const std::uint64_t half = (needs.onGpu && limits.vram > 0 ? limits.vram : limits.ram) / 2;
    return needs.modelIsThere || (needs.comesAgain && needs.device.all() <= half);
}

} // namespace

MemoryLimits memoryLimits(std::uint64_t maxRam, std::uint64_t maxVram, const ComputeTarget& target)
{
    MemoryLimits limits{.ram = maxRam, .vram = 0, .ramGiven = maxRam > 0, .vramGiven = maxVram > 0};
    if (!limits.ramGiven)
        limits.ram = static_cast<std::uint64_t>(physicalMemoryBytes());
    if (target.device.is_cuda())
        limits.vram = limits.vramGiven ? maxVram : freeGpuMemoryBytes(target);
    return limits;
}

WeightBytes weightBytes(const ModelConfig& config, std::uint64_t bytesEach)
{
    WeightBytes weights{.layers = config.layers};
    for (const VectorSpec& spec : vectorSpecs(config))
        weights.layer += static_cast<std::uint64_t>(spec.size);
    for (const LinearRole role : layerRoles(config.gatedMlp)) {
        const auto [out, in] = linearShape(config, role);
        weights.layer += static_cast<std::uint64_t>(out * in + (hasBias(config, role) ? out : 0));
    }
    for (const OuterSpec& spec : outerSpecs(config)) {
        std::uint64_t count = bytesEach;
        for (const std::int64_t size : spec.shape)
            count *= static_cast<std::uint64_t>(size);
        (hasWords(spec.role) ? weights.words : weights.outer) += count;
    }
    weights.someWords = static_cast<std::uint64_t>(std::min<std::int64_t>(config.vocabSize, kWordsAtATime)) *
                        static_cast<std::uint64_t>(config.embeddingWidth()) * bytesEach;
    weights.layer *= bytesEach;
    return weights;
}

PassPlan planPass(const PassNeeds& needs, const MemoryLimits& limits)
{
    if (wantsWholeModel(needs, limits))
        for (const StatePlace place : placesOf(needs)) {
            PassPlan plan = candidate(needs, true, EndsPlace::Held, place);
            if (!fits(plan, limits))
                continue;
            plan.reason = needs.modelIsThere
                              ? "the model is in memory already"
                              : "the model takes less than half of the memory and is likely to be run again";
            return plan;
        }
    const EndsPlace leastEnds = needs.modelIsThere ? EndsPlace::Held : EndsPlace::Read;
    for (const EndsPlace ends : {EndsPlace::Held, leastEnds})
        for (const StatePlace place : placesOf(needs)) {
            PassPlan plan = candidate(needs, needs.modelIsThere, ends, place);
            if (!fits(plan, limits))
                continue;
            plan.reason = "one layer at a time";
            if (place == StatePlace::File)
                plan.reason += "; hidden states wait in a file, being too many for the memory";
            if (ends == EndsPlace::Read)
                plan.reason += "; rows of embedding and head are read as they are wanted";
            return plan;
        }
    const PassPlan least = candidate(needs, needs.modelIsThere, leastEnds, StatePlace::File);
    if (limits.vram > 0 && least.vram > limits.vram)
        throw tooLittle("GPU memory", "--max-vram", least.vram, limits.vram, limits.vramGiven);
    throw tooLittle("memory", "--max-ram", least.ram, limits.ram, limits.ramGiven);
}

std::uint64_t activationBytes(const ModelConfig& config, std::int64_t tokens, std::uint64_t bytesEach)
{
    const std::int64_t attention = static_cast<std::int64_t>(config.heads) * config.headDim;
    // Norms in float32 and their input; q, k, v and what they are mixed to; both halves of the MLP and their product.
    const std::int64_t channels = 6 * static_cast<std::int64_t>(config.hiddenSize) + 8 * attention +
                                  4 * static_cast<std::int64_t>(config.intermediateSize);
    return static_cast<std::uint64_t>(tokens * channels) * bytesEach;
}

AnalysisWork analysisWork(const ModelConfig& config, bool normsOnly, std::int64_t tokens, int threads,
                          std::int64_t fisherTokens, bool onGpu, std::uint64_t available)
{
    const std::uint64_t layer = weightBytes(config, kFloat).layer;
    const std::uint64_t activations = activationBytes(config, tokens, kFloat);
    const std::uint64_t moments = normsOnly ? 0 : siteSquares(config) * kDouble;
    const std::uint64_t product = normsOnly ? 0 : square(widestSite(config)) * kFloat;
    const std::uint64_t factorization = square(widestSite(config)) * kDouble * kMatricesPerFactorization;
    const std::uint64_t wideActivation = static_cast<std::uint64_t>(tokens * widestSite(config)) * 3 * kDouble;
    // Gradients: 20·hidden + 8·intermediate values a token, and two copies of some logits.
    const std::uint64_t gradients =
        static_cast<std::uint64_t>(threads) *
        (static_cast<std::uint64_t>(fisherTokens) * kFloat *
             static_cast<std::uint64_t>(20ll * config.hiddenSize + 8ll * config.intermediateSize) +
         (fisherTokens > 0 ? 3 * kFloat *
                                 std::min<std::uint64_t>(8 << 20, static_cast<std::uint64_t>(fisherTokens) *
                                                                      static_cast<std::uint64_t>(config.vocabSize))
                           : 0));
    // A rotated weight, its basis in float32 and the errors of all widths.
    const std::uint64_t errors = 2 * kFloat * largestLinear(config) + square(widestSite(config)) * kFloat;
    // A moment on its way to the file: the matrix and its triangle.
    const std::uint64_t keptMoment = normsOnly ? 0 : square(widestSite(config)) * kDouble * 3 / 2;
    const auto work = [&](int layers, int bases) {
        AnalysisWork result{.layersAtOnce = layers, .basesAtOnce = bases};
        const auto count = static_cast<std::uint64_t>(layers);
        const std::uint64_t gathering = activations + wideActivation + product + count * moments;
        if (onGpu) {
            const std::uint64_t measuring =
                normsOnly ? errors : count * 2 * moments + std::max(factorization, kPartsOfErrors * errors);
            result.host = std::max(layer, keptMoment);
            result.device =
                std::max({count * moments + activations + wideActivation + product, measuring, gradients});
            return result;
        }
        const std::uint64_t measuring =
            normsOnly ? layer + errors
                      : count * 2 * moments +
                            std::max(static_cast<std::uint64_t>(bases) * factorization, layer + errors);
        result.host = std::max({gathering, measuring, gradients});
        return result;
    };
    for (int layers = std::max(threads, 1); layers > 0; --layers)
        if (const AnalysisWork most = work(layers, std::min<int>(std::max(threads, 1), layers * 4));
            most.host <= available)
            return most;
    return work(1, 1);
}

std::uint64_t quantizationWork(const ModelConfig& config, const Plan& plan, bool normsOnly, int threads)
{
    bool rotates = false, feedsBack = false;
    for (const SitePlan& site : plan.sites)
        rotates |= site.basis != Basis::Original;
    for (const LinearPlan& linear : plan.linears)
        feedsBack |= needsMoment(linear);
    const std::uint64_t moments = normsOnly ? 0 : siteSquares(config) * kDouble;
    const std::uint64_t widest = square(widestSite(config));
    // The moment, its rotation, itself rotated, and the factors of error feedback.
    const std::uint64_t sites = moments * (1 + (rotates ? 2 : 0) + (feedsBack ? 1 : 0));
    const std::uint64_t factorization = rotates || feedsBack ? widest * kDouble * kMatricesPerFactorization : 0;
    // A weight in float64, in float32, as codes and back; and its moment in float32.
    const std::uint64_t linear =
        largestLinear(config) * (2 * kDouble + 3 * kFloat) + (normsOnly ? 0 : widest * 2 * kFloat);
    const auto tasks = static_cast<std::uint64_t>(std::clamp(threads, 1, static_cast<int>(kAllRoles.size())));
    const std::uint64_t siteTasks = std::min<std::uint64_t>(tasks, kAllSites.size());
    return weightBytes(config, kFloat).layer * (plan.turnsResidual() ? 3 : 2) + sites +
           std::max(siteTasks * factorization, tasks * linear);
}

AnalysisWork quantizationWorkOnGpu(const ModelConfig& config, const Plan& plan, bool normsOnly)
{
    const std::uint64_t moments = normsOnly ? 0 : siteSquares(config) * kDouble;
    const std::uint64_t widest = normsOnly ? 0 : square(widestSite(config)) * kDouble;
    const std::uint64_t linear = largestLinear(config);
    AnalysisWork work;
    // A weight, as it is turned, as codes and back; the moment that is read, and error feedback, which is applied here.
    work.host = weightBytes(config, kFloat).layer * (plan.turnsResidual() ? 3 : 2) + linear * 5 * kFloat + 3 * widest;
    // Moments, rotations, and one of both turned; a factorization, or a weight in float64 with what is stored of it.
    work.device =
        3 * moments + std::max(kMatricesPerFactorization * widest, linear * (2 * kDouble + 3 * kFloat) + widest);
    return work;
}

PassNeeds scoringNeeds(const ModelConfig& config, const ComputeTarget& target, std::int64_t windows,
                       std::int64_t tokens, bool modelIsThere)
{
    const std::uint64_t rows = static_cast<std::uint64_t>(tokens) * static_cast<std::uint64_t>(config.vocabSize);
    const std::uint64_t scores = 3 * kFloat * std::min<std::uint64_t>(kScoredLogits, rows);
    const std::uint64_t work = std::max(activationBytes(config, tokens, kFloat), scores);
    const bool onGpu = target.device.is_cuda();
    return {.base = currentRssBytes(),
            .host = weightBytes(config, kFloat),
            .device = weightBytes(config, c10::elementSize(target.dtype)),
            .onGpu = onGpu,
            .modelIsThere = modelIsThere,
            .comesAgain = true,
            .states = HiddenStates::bytes(windows, tokens, config.hiddenSize, target),
            .hostWork = onGpu ? 0 : work,
            .deviceWork = onGpu ? work : 0};
}

std::uint64_t exportWork(const ModelConfig& config)
{
    const WeightBytes weights = weightBytes(config, kFloat);
    // A weight is turned back in float64, its rotation beside it, and converted.
    const std::uint64_t linear =
        largestLinear(config) * (2 * kDouble + kFloat) + square(widestSite(config)) * (kDouble + kFloat);
    return currentRssBytes() + withSlack(std::max(weights.layer + linear, weights.outer + 2 * weights.someWords));
}

void requireWholeModel(const ModelConfig& config, const ComputeTarget& target, const MemoryLimits& limits)
{
    const std::uint64_t needed = weightBytes(config, c10::elementSize(target.dtype)).all();
    if (!target.device.is_cuda())
        requireRam(currentRssBytes() + needed, limits);
    else if (limits.vram > 0 && needed > limits.vram)
        throw tooLittle("GPU memory", "--max-vram", needed, limits.vram, limits.vramGiven);
}

void requireVram(std::uint64_t needed, const MemoryLimits& limits)
{
    if (limits.vram > 0 && withSlack(needed) > limits.vram)
        throw tooLittle("GPU memory", "--max-vram", withSlack(needed), limits.vram, limits.vramGiven);
}

void requireRam(std::uint64_t needed, const MemoryLimits& limits)
{
    if (needed > limits.ram)
        throw tooLittle("memory", "--max-ram", needed, limits.ram, limits.ramGiven);
}

} // namespace eigenquant
