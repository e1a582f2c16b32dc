// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/decode/gpu_linear.h"
#include "core/model/weights.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace eigenquant {

/// Where the weights of an engine come from, as they are stored.
struct EngineSource {
    ModelConfig config;
    std::function<OuterWeights()> outer;           ///< of any floating type
    std::function<PackedLayer(int index)> layer;
    bool layersAreAlike = false;                   ///< layer 0 stands for all: made once and copied on the GPU
};
class PackedSource;
/// The codes of a packed checkpoint, or the weights of any other model as they are.
EngineSource engineSource(std::shared_ptr<const PackedSource> source);
EngineSource engineSource(std::shared_ptr<const WeightSource> source);

/// A site in GPU memory; HostSite says what is what.
struct GpuSite {
    int channels = 0, outputs = 0;
    std::vector<kernels::GpuBuffer> orders;     ///< int32 [width of the view]; of size 0 for channels as they are
    bool padded = false;                        ///< a view is wider than the site
    /// What leads from the first order to each of the others: entry v - 1 for view v, where a rotation gives the first.
    std::vector<kernels::GpuBuffer> fromFirst;
    std::vector<GpuLinear> linears;
    kernels::GpuBuffer dense, signs, factor;
    int factorOrder = 1;

    bool turns() const { return dense.size() > 0 || signs.size() > 0; }
    /// Channels of what the linears of a view read.
    int width(std::size_t view) const
    {
        const std::size_t listed = orders[view].size() / sizeof(std::int32_t);
        return listed > 0 ? static_cast<int>(listed) : channels;
    }
    /// Of the rows that the linears read, in elements.
    std::int64_t stride() const;
    std::uint64_t bytes() const;
};

struct GpuLayer {
    kernels::GpuBuffer attentionNorm, mlpNorm;
    kernels::GpuBuffer attentionPlaces; ///< int32 [heads·headDim], or of size 0; see HostLayer
    std::array<GpuSite, kAllSites.size()> sites;

    const GpuSite& site(Site which) const { return sites[static_cast<std::size_t>(which)]; }
    std::uint64_t bytes() const;
};

/// The weights of a model in GPU memory. Engines share them.
struct GpuModel {
    ModelConfig config;
    kernels::GpuInfo gpu;
    kernels::Element element = kernels::Element::F16;
    kernels::GpuBuffer embedding, ownHead, finalNorm; ///< ownHead is of size 0 where it is the embedding
    std::vector<GpuLayer> layers;

    const void* head() const { return ownHead.size() > 0 ? ownHead.data() : embedding.data(); }
    bool turns() const;
    std::uint64_t bytes() const;
    /// What a decoding step reads of them: all but the embedding, of which it reads a few rows.
    std::uint64_t bytesOfStep() const;
    /// Multiplications and additions of linears, rotations and head for one token.
    double flopsOfToken() const;
};

/// What a model computes that the GPU's decoding kernels do not, for people; empty where they compute all of it.
std::string missingOnGpu(const ModelConfig& config);

/// Loads layer by layer. Stoppable; Error::unsupported names what the kernels lack; throws kernels::GpuError where
/// the GPU has not enough memory.
std::shared_ptr<const GpuModel> loadGpuModel(const EngineSource& source, const kernels::GpuInfo& gpu,
                                             kernels::Element element, const RunContext& context);

} // namespace eigenquant
