// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/calib/hidden_states.h"
#include "core/model/decoder.h"
#include "core/results/plan.h"

#include <cstdint>
#include <string>

namespace eigenquant {

/// The memory that a verb may take, bytes.
struct MemoryLimits {
    std::uint64_t ram = 0;
    std::uint64_t vram = 0;   ///< 0 on a CPU, and where the free memory of the GPU is not known
    bool ramGiven = false;    ///< by --max-ram; otherwise what the machine has
    bool vramGiven = false;   ///< by --max-vram; otherwise what the GPU has free
};

/// What --max-ram and --max-vram allow, 0 for not given, on this machine now.
MemoryLimits memoryLimits(std::uint64_t maxRam, std::uint64_t maxVram, const ComputeTarget& target);

/// What the weights of a model take in a type of so many bytes.
struct WeightBytes {
    std::uint64_t layer = 0; ///< one decoder layer
    std::uint64_t outer = 0; ///< what is outside of the layers, less embedding and head
    std::uint64_t words = 0; ///< embedding and head
    std::uint64_t someWords = 0; ///< as many of their rows as are read at a time
    int layers = 0;

    std::uint64_t ends() const { return outer + words; }
    std::uint64_t all() const { return ends() + layer * static_cast<std::uint64_t>(layers); }
};
WeightBytes weightBytes(const ModelConfig& config, std::uint64_t bytesEach);

/// What a pass over a model needs, bytes.
struct PassNeeds {
    std::uint64_t base = 0;       ///< what the process has in memory before
    WeightBytes host;             ///< weights in float32, as they are read
    WeightBytes device;           ///< as they are computed with; on a CPU the same memory
    bool onGpu = false;
    bool modelIsThere = false;    ///< all layers are in memory already, as a part of `base`
    bool comesAgain = false;      ///< the same process is likely to run the model again
    int readers = 1;              ///< threads that read rows of the head at once, where it is not held
    std::uint64_t states = 0;     ///< hidden states of all windows
    std::uint64_t hostWork = 0;   ///< the most that is held beside weights and states, in the machine's memory
    std::uint64_t deviceWork = 0; ///< the same on the GPU
};

/// How a pass is run.
struct PassPlan {
    bool wholeModel = false; ///< all layers in memory; otherwise one at a time
    EndsPlace ends = EndsPlace::Held; ///< embedding and head
    StatePlace states = StatePlace::Memory;
    std::uint64_t ram = 0, vram = 0; ///< what it is expected to need at most
    std::string reason;              ///< why it is run so, for a person
};

/// Chooses how a pass is run. All layers are held where they are held already, or where the model comes again and
/// takes less than half of what is allowed: reading every layer anew would be most of the time of a short text.
/// Hidden states wait where they are computed, or in memory, or in a file: the first that fits. Where nothing
/// does, rows of embedding and head are read as they are wanted. Error::resources names what is needed and
/// allowed.
PassPlan planPass(const PassNeeds& needs, const MemoryLimits& limits);

/// The activations of one window in a layer, bytes.
std::uint64_t activationBytes(const ModelConfig& config, std::int64_t tokens, std::uint64_t bytesEach);

/// What analyzing holds beside weights and states, for so many layers at a time and so many factorizations at once.
struct AnalysisWork {
    int layersAtOnce = 1;
    int basesAtOnce = 1;
    std::uint64_t host = 0, device = 0;
};
/// The largest that fits in `available`; the smallest that there is where none does. `tokens` is a window's,
/// `threads` how many windows' gradients are worked on at once (none: no Fisher information).
AnalysisWork analysisWork(const ModelConfig& config, bool normsOnly, std::int64_t tokens, int threads,
                          std::int64_t fisherTokens, bool onGpu, std::uint64_t available);

/// What quantizing one layer by a plan holds, its weights and moments included, where `threads` work on it.
std::uint64_t quantizationWork(const ModelConfig& config, const Plan& plan, bool normsOnly, int threads);

/// The same where a GPU factorizes and multiplies, one layer at a time: what the machine holds, and what the GPU.
AnalysisWork quantizationWorkOnGpu(const ModelConfig& config, const Plan& plan, bool normsOnly);

/// What a pass needs that ends in logits.
PassNeeds scoringNeeds(const ModelConfig& config, const ComputeTarget& target, std::int64_t windows,
                       std::int64_t tokens, bool modelIsThere);

/// What exporting a packed checkpoint holds, with what the process has now: one layer, or rows of the embedding.
std::uint64_t exportWork(const ModelConfig& config);

/// Error::resources unless all layers may be in memory at once: what else there is beside is not counted.
void requireWholeModel(const ModelConfig& config, const ComputeTarget& target, const MemoryLimits& limits);

/// Error::resources unless `needed` is allowed: the figures, and what can be changed. Memory of a GPU is asked
/// about only where it is known.
void requireRam(std::uint64_t needed, const MemoryLimits& limits);
void requireVram(std::uint64_t needed, const MemoryLimits& limits);

} // namespace eigenquant
