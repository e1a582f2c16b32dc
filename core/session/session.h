// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/run_context.h"
#include "core/quant/bit_allocator.h"
#include "core/quant/memory_estimate.h"
#include "core/quant/plan.h"
#include "core/results/activation_sample.h"
#include "core/results/activation_maps.h"
#include "core/results/comparison.h"
#include "core/results/latency.h"
#include "core/results/layer_effect.h"
#include "core/results/model_info.h"
#include "core/results/outcome.h"
#include "core/results/plan.h"
#include "core/results/plan_difference.h"
#include "core/results/rounded_group.h"
#include "core/results/sensitivity.h"
#include "core/results/spectrum_difference.h"
#include "core/results/statistics.h"
#include "core/results/weight_ranges.h"

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The facade: all that a command line or a window asks of core. Plain values cross it; every
/// function throws Error, and every long one takes a RunContext and can be stopped at any moment
/// with nothing left behind. Functions are safe to call from any one thread at a time a session.
namespace eigenquant {

/// Where and how precisely the model runs.
struct ComputeOptions {
    std::string device = "auto"; ///< auto | cpu | cuda | cuda:N
    std::string dtype = "auto";  ///< auto | f32 | bf16 | f16
    int threads = 0;             ///< 0: as many as there are cores
    std::uint64_t maxRamBytes = 0;  ///< memory that the process may take; 0: what the machine has
    std::uint64_t maxVramBytes = 0; ///< the same of the GPU; 0: what it has free
};

/// How a text is cut into windows.
struct TextOptions {
    std::filesystem::path file;
    int context = 2048;             ///< tokens a window
    int windows = 0;                ///< at most this many; 0: all there are
    std::filesystem::path tokens{}; ///< a file of ready ids in place of a text; no tokenizer is needed then

    const std::filesystem::path& source() const { return tokens.empty() ? file : tokens; }
};

struct AnalyzeOptions {
    TextOptions text{.file = {}, .context = 2048, .windows = 128};
    std::filesystem::path out;                      ///< the STATS file
    bool normsOnly = false;                         ///< channel norms alone: memory that does not grow with channels²
    bool keepMoments = true;
    std::uint64_t maxMomentsBytes = 4ull << 30;     ///< above it the moments are left out
    /// Pieces of 512 tokens of the text that output Fisher information is measured on, at most a quarter of it; what
    /// `--target-bits` and etq weigh errors by. 0: none.
    int fisherWindows = 16;
    bool overwrite = false;
    bool resume = false; ///< keep finished layers in OUT.partial when stopped, and go on with those that are there
};

struct QuantizeOptions {
    std::filesystem::path out;                      ///< the checkpoint folder
    std::optional<TextOptions> text;                ///< for statistics without moments
    bool overwrite = false;
    bool resume = false; ///< keep finished layers in OUT.partial when stopped, and go on with those that are there
};

struct CompareOptions {
    TextOptions text;                       ///< what every variant is scored on
    int klWindows = 16;                     ///< KL is over the first so many windows; at most all
    std::filesystem::path out;              ///< the folder of the comparison; one that was stopped is gone on with
    std::optional<TextOptions> calibration; ///< for statistics without moments
    bool keepCheckpoints = false;           ///< DIR/checkpoints/NAME stays behind each row that is made
    bool overwrite = false;                 ///< forget the rows that are there
};

/// Told of every row as soon as it is done.
using ComparisonListener = std::function<void(const ComparisonRow&)>;

/// Told of new tokens, some steps at a time.
using GenerationListener = std::function<void(const GeneratedPiece&)>;
/// Told of every row of a latency measurement as soon as it is done.
using LatencyListener = std::function<void(const LatencyRow&)>;

struct ExportOptions {
    std::string format = "hf";
    std::filesystem::path out;
    std::string dtype = "bf16"; ///< f32 | f16 | bf16
    bool overwrite = false;
    std::uint64_t maxRamBytes = 0; ///< memory that the process may take; 0: what the machine has
};

/// A model that was opened: config, tensor table and tokenizer read and checked. Weights are read when a verb
/// needs them. Passes over a text hold one layer at a time, unless the model is small beside the memory and is
/// likely to be run again: then all of it is kept until the session goes (see planPass()). The results are the
/// same to the bit.
class ModelSession {
public:
    /// `model` is a Hugging Face folder, a .gguf file, a packed checkpoint, or "demo".
    static std::shared_ptr<ModelSession> open(const std::string& model, const ComputeOptions& compute = {});
    ~ModelSession();
    ModelSession(const ModelSession&) = delete;
    ModelSession& operator=(const ModelSession&) = delete;

    const ModelInfo& info() const;

    /// The ids of UTF-8 text as the model's own tokenizer gives them, its BOS included if it adds one.
    std::vector<std::int32_t> tokenize(std::string_view text) const;
    std::string detokenize(const std::vector<std::int32_t>& ids) const;

    /// Writes `logits`, F32 [tokens, vocab], to a safetensors file; returns the shape.
    std::vector<std::int64_t> logits(const std::vector<std::int32_t>& ids, const std::filesystem::path& out,
                                     bool overwrite, const RunContext& context);

    PerplexityResult perplexity(const TextOptions& text, const RunContext& context);

    /// One streamed pass over the calibration text; writes the STATS file and returns what it says.
    std::shared_ptr<const ModelStatistics> analyze(const AnalyzeOptions& options, const RunContext& context);

    /// What a site's linears read at the tokens of window `window` of the text. Error::usage for a site or a window
    /// that there is not.
    ActivationSample sampleActivations(SiteId site, const TextOptions& text, int window, const RunContext& context);
    /// The same window with the text of its tokens, the channels' measures over it, and all of it rotated by the
    /// eigenvectors of the site's second moment, where the statistics hold that; it says why not otherwise.
    ActivationMaps activationMaps(SiteId site, const TextOptions& text, int window, const std::filesystem::path& stats,
                                  const RunContext& context);

    /// Quantizes one linear by a plan, and tells how its weights are distributed before and after. The statistics must
    /// hold what the plan's method needs of them.
    WeightRanges weightRanges(const std::filesystem::path& stats, const Plan& plan, LinearId linear,
                              const RunContext& context);

    /// Carries a plan out and writes the packed checkpoint. Refuses statistics of another model.
    QuantizeResult quantize(const std::filesystem::path& stats, const Plan& plan, const QuantizeOptions& options,
                            const RunContext& context);

    /// What each layer of a packed checkpoint of this model costs: KL with that layer alone quantized, and with all
    /// but that layer. Refuses checkpoints of another shape, and those whose residual stream is turned.
    ModelSensitivity sensitivity(const std::filesystem::path& checkpoint, const TextOptions& text,
                                 const RunContext& context);

    /// Quantizes one layer as the plan says and measures it among the others as they are: its output's error, KL and
    /// perplexity on a short text, best of some hundred tokens. The hidden states of the original model in front of
    /// each layer stay in memory for the next call with the same statistics and text, which then runs only this layer
    /// and those behind it. Refuses statistics without second moments, and plans that turn the residual stream.
    LayerEffect effect(const std::filesystem::path& stats, const Plan& plan, int layer, const TextOptions& text,
                       const RunContext& context);

    /// Quantizes and scores every variant beside the model as it is, and writes DIR/rows/NNN-name.json as each row is
    /// done: rows that are there and depend on the same model, statistics, text and settings are not done again.
    /// Uniform round to nearest with one bit more is added for every width that occurs. A variant that cannot be made
    /// becomes a row with its failure, which is tried again the next time. Both models stay in memory together (on the
    /// GPU, if there), and the process's peak memory is reset before each row.
    Comparison compare(const std::filesystem::path& stats, const std::vector<ComparisonVariant>& variants,
                       const CompareOptions& options, const ComparisonListener& onRow, const RunContext& context);

    /// Times decoding with this model's linears as they are stored, beside FP16 linears of cuBLAS in the same engine.
    /// On a CPU the engine computes with dequantized weights, and there is no speed to gain. `options.shape` is empty.
    LatencyResult latency(const LatencyOptions& options, const LatencyListener& onRow, const RunContext& context);

    /// Goes on with prompts, those of one length side by side. On a GPU through the kernels, where the compute options
    /// leave the choice or ask for a 16-bit type. The same tokens for the same seed and prompts.
    GenerateResult generate(const GenerateOptions& options, const GenerationListener& onTokens,
                            const RunContext& context);

private:
    struct Impl;
    explicit ModelSession(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

/// Rounds one group of weights to the grid that `quantize` would fit to it. Error::usage for no weights, and for bits
/// that are not 2 to 8.
RoundedGroup roundGroup(const std::vector<float>& weights, int bits, bool symmetric);

/// Reads a STATS file, without its second moments.
std::shared_ptr<const ModelStatistics> loadStatistics(const std::filesystem::path& file);

/// The kurtosis of each site's own channels over the whole calibration text, by layer, then site, which a STATS file
/// holds for those who ask; empty for files from before it was measured. 0 for a channel that never changes.
std::vector<std::vector<double>> channelKurtosis(const std::filesystem::path& stats);

/// How far the spectra of one site lie apart in two statistics, with the energy that K dimensions hold in each.
/// Error::usage names the statistics that lack the layer or its eigenvalues.
SpectrumDifference spectrumDifference(const ModelStatistics& first, const ModelStatistics& second, SiteId site,
                                      int salient);

/// Plans as JSON files that a person can read and edit (planToJson() gives the text).
void savePlan(const Plan& plan, const std::filesystem::path& file, bool overwrite);
Plan loadPlan(const std::filesystem::path& file);

/// Reads the rows of a comparison back from DIR/rows, and what compare.json says of model and texts if it is there
/// already. Error::invalid for a folder that is no comparison, and for a row that cannot be read, naming its file.
Comparison loadComparison(const std::filesystem::path& folder);

/// One row of a comparison as a JSON object: the keys that files and --json have.
std::string comparisonRowToJson(const ComparisonRow& row);

/// Exports a packed checkpoint to a format that other programs load, and reads it back to check it.
ExportResult exportCheckpoint(const std::filesystem::path& checkpoint, const ExportOptions& options,
                              const RunContext& context);

/// Shapes of well-known models, and one that is tiny: what `latencyOfShape` knows. Names, sizes and parameters alone.
const std::vector<ModelInfo>& modelShapes();

/// Times decoding with random weights of `options.shape`, quantized as the options say; no model is needed.
LatencyResult latencyOfShape(const LatencyOptions& options, const ComputeOptions& compute,
                             const LatencyListener& onRow, const RunContext& context);

/// The embedded default: paths of the demo model and texts. Throws Error::invalid when the demo
/// model was not installed, saying how to.
struct DemoAssets {
    std::filesystem::path model;           ///< SmolLM2-135M-Instruct, GGUF
    std::filesystem::path calibrationText;
    std::filesystem::path checkText;
};
DemoAssets demoAssets();

/// "0.1.0"
std::string_view version();

} // namespace eigenquant
