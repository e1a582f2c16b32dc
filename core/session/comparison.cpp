// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/session/comparison.h"

#include "core/base/clock.h"
#include "core/calib/statistics_file.h"
#include "core/device/device.h"
#include "core/eval/divergence.h"
#include "core/eval/perplexity.h"
#include "core/io/hash.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <memory>
#include <new>
#include <set>

namespace eigenquant {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr double kFloatBits = 16; // what the model as it is takes in the formats it is served in
constexpr const char* kFloatName = "float";

/// Makes the peak that peakRssBytes() tells start again from what is in memory now. Where /proc does not let us,
/// it stays the peak of the process so far.
void resetPeakRss()
{
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/clear_refs", "w"),
                                                               std::fclose);
    if (file)
        std::fputs("5", file.get());
}

ComparisonFailure failureOf(const std::exception_ptr& problem)
{
    try {
        std::rethrow_exception(problem);
    } catch (const Error& error) {
        return {error.code(), error.what()};
    } catch (const std::bad_alloc&) {
        return {ErrorCode::Resources, "there is not enough memory for this"};
    } catch (const std::exception& error) {
        // libtorch tells a full GPU by a type of its own and a message of many lines.
        const std::string message = error.what();
        const std::string line = message.substr(0, message.find('\n'));
        return {line.find("out of memory") != std::string::npos ? ErrorCode::Resources : ErrorCode::Internal,
                line};
    }
}

/// Puts the variant's name before what its verbs report.
RunContext named(const RunContext& context, const std::string& name)
{
    RunContext inner{context.stop, {}};
    if (context.onProgress)
        inner.onProgress = [&context, name](Progress progress) {
            progress.stage = name + ": " + progress.stage;
            context.onProgress(progress);
        };
    return inner;
}

/// A checkpoint that goes with the row it was made for.
class Checkpoint {
public:
    Checkpoint(fs::path folder, bool keep) : m_folder(std::move(folder)), m_keep(keep)
    {
        fs::create_directories(m_folder.parent_path());
    }
    ~Checkpoint()
    {
        std::error_code ignored; // a destructor has nobody to tell
        if (!m_keep)
            fs::remove_all(m_folder, ignored);
        fs::remove(m_folder.parent_path(), ignored); // if it is empty
    }
    Checkpoint(const Checkpoint&) = delete;
    Checkpoint& operator=(const Checkpoint&) = delete;

    const fs::path& folder() const { return m_folder; }

private:
    fs::path m_folder;
    bool m_keep;
};

/// What is done to the weights, whatever settings led to it.
Json planBody(const Plan& plan)
{
    Json json = Json::parse(planToJson(plan));
    json.erase("options");
    return json;
}

/// The uniform plan with one bit more than a variant, or nothing where there are no more bits to give.
std::optional<PlanOptions> controlOf(const PlannedVariant& variant, const PlanOptions& asked, int groupSize)
{
    const Json settings = Json::parse(variant.settings);
    const double target = settings.value("target_bits", 0.0);
    const double bits = std::floor(target > 0 ? target : settings.value("bits", static_cast<double>(kMaxBits)));
    if (bits + 1 < kMinBits || bits + 1 > kMaxBits)
        return std::nullopt;
    PlanOptions options = PlanOptions::of(Method::Rtn);
    options.bits = static_cast<int>(bits) + 1;
    options.groupSize = usesGrid(asked.method) ? asked.groupSize : groupSize;
    options.symmetric = asked.symmetric;
    options.seed = asked.seed;
    return options;
}

/// The groups of the first variant that has some: the controls of methods without groups share them.
int commonGroupSize(const std::vector<ComparisonVariant>& variants)
{
    const auto first = std::find_if(variants.begin(), variants.end(), [](const ComparisonVariant& variant) {
        return usesGrid(variant.options.method);
    });
    return first == variants.end() ? PlanOptions::of(Method::Rtn).groupSize : first->options.groupSize;
}

std::string controlName(const PlanOptions& options)
{
    const int bits = static_cast<int>(options.bits);
    return "rtn " + std::to_string(bits) + " g" + std::to_string(options.groupSize) +
           (options.symmetric ? ", symmetric" : "");
}

std::vector<std::string> quantizedTypes(const ModelInfo& model)
{
    std::set<std::string> types;
    for (const TensorInfo& tensor : model.tensors) {
        const bool isLinear = tensor.name.starts_with("blk.") && tensor.shape.size() == 2;
        const bool isFloat = tensor.dtype.starts_with("F") || tensor.dtype.starts_with("BF");
        if (model.sourceFormat == "gguf" && isLinear && !isFloat)
            types.insert(tensor.dtype);
    }
    return {types.begin(), types.end()};
}

ModelStatistics statisticsOf(const ComparisonSubject& subject)
{
    ModelStatistics statistics = readStatistics(subject.stats);
    if (statistics.model.fingerprint != subject.assets.info.fingerprint)
        throw Error::invalid("the statistics are of another model")
            .file(subject.stats.string())
            .field("fingerprint")
            .found(statistics.model.fingerprint)
            .expected(subject.assets.info.fingerprint);
    return statistics;
}

std::uint64_t weightCount(const ModelStatistics& statistics)
{
    std::uint64_t count = 0;
    for (const LinearStatistics& linear : statistics.linears)
        count += static_cast<std::uint64_t>(linear.outFeatures) * static_cast<std::uint64_t>(linear.inFeatures);
    return count;
}

ComparisonRow blankRow(const PlannedVariant& variant)
{
    ComparisonRow row;
    row.name = variant.name;
    row.method = kFloatName;
    row.control = variant.control;
    row.settings = variant.settings;
    row.key = variant.key;
    row.failure = variant.failure;
    if (!variant.plan)
        return row;
    const Json settings = Json::parse(variant.settings);
    const auto& linears = variant.plan->linears;
    const bool keeps =
        std::any_of(linears.begin(), linears.end(), [](const auto& linear) { return linear.salient > 0; });
    row.method = name(variant.plan->options.method);
    row.bits = settings.value("bits", ComparisonRow::kUnknown);
    row.salient = keeps ? settings.value("salient", 0.0) : 0;
    row.effectiveBits = variant.plan->totals.effectiveBits;
    row.rotationBits = variant.plan->totals.rotationBits;
    row.bytes = variant.plan->totals.bytes;
    return row;
}

} // namespace

ComparisonRun::ComparisonRun(const ComparisonSubject& subject, const CompareOptions& options)
    : m_subject(subject), m_options(options), m_statistics(statisticsOf(subject)),
      m_klWindows(std::min(options.klWindows, subject.windows.count())), m_rows(options.out, options.overwrite)
{
}

std::string ComparisonRun::keyOf(const std::string& plan) const
{
    Hasher hasher;
    hasher.add("eigenquant-comparison-1").add(version()).add(m_subject.assets.info.fingerprint);
    hasher.add(m_statistics.fingerprint).add(m_subject.textHash).add(m_subject.windows.context());
    hasher.add(m_subject.windows.count()).add(m_klWindows).add(m_subject.target.dtypeName()).add(plan);
    return hasher.hex();
}

PlannedVariant ComparisonRun::plan(const ComparisonVariant& variant) const
{
    PlannedVariant planned{.name = variant.name};
    try {
        planned.plan = makePlan(m_statistics, variant.options);
        const std::string json = planToJson(*planned.plan);
        planned.settings = Json::parse(json).at("options").dump();
        planned.key = keyOf(json);
    } catch (const Error& error) {
        planned.failure = failureOf(std::current_exception());
    }
    return planned;
}

void ComparisonRun::addControls(std::vector<PlannedVariant>& planned,
                                const std::vector<ComparisonVariant>& variants) const
{
    const int groupSize = commonGroupSize(variants);
    std::vector<PlannedVariant> controls;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const auto options =
            planned[i].plan ? controlOf(planned[i], variants[i].options, groupSize) : std::nullopt;
        if (!options)
            continue;
        PlannedVariant control = plan({controlName(*options), *options});
        if (!control.plan)
            continue; // whatever ails it ails the variant too, and is told there
        control.control = true;
        const auto isSame = [body = planBody(*control.plan)](const PlannedVariant& other) {
            return other.plan && planBody(*other.plan) == body;
        };
        const auto asked = std::find_if(planned.begin(), planned.end(), isSame);
        if (asked != planned.end())
            asked->control = true;
        else if (std::none_of(controls.begin(), controls.end(), isSame))
            controls.push_back(std::move(control));
    }
    std::stable_sort(controls.begin(), controls.end(), [](const PlannedVariant& a, const PlannedVariant& b) {
        return a.plan->totals.effectiveBits < b.plan->totals.effectiveBits;
    });
    planned.insert(planned.begin(), std::make_move_iterator(controls.begin()),
                   std::make_move_iterator(controls.end()));
}

std::vector<PlannedVariant> ComparisonRun::planAll(const std::vector<ComparisonVariant>& variants,
                                                   const RunContext& context) const
{
    std::vector<PlannedVariant> planned;
    for (const ComparisonVariant& variant : variants) {
        context.report("planning", "variants", static_cast<std::int64_t>(planned.size()),
                       static_cast<std::int64_t>(variants.size()));
        planned.push_back(plan(variant));
    }
    addControls(planned, variants);
    planned.insert(planned.begin(), {.name = kFloatName, .key = keyOf(kFloatName)});
    return planned;
}

void ComparisonRun::scoreFloat(ComparisonRow& row, const RunContext& context)
{
    const PerplexityResult score = perplexity(m_subject.reference(context), m_subject.windows, context);
    row.bits = row.effectiveBits = kFloatBits;
    row.rotationBits = row.kl = 0;
    row.sameTop = 1;
    row.bytes = weightCount(m_statistics) * 2;
    row.perplexity = score.perplexity;
    row.standardError = score.standardError;
}

void ComparisonRun::scoreVariant(ComparisonRow& row, std::size_t number, const PlannedVariant& variant,
                                 const RunContext& context)
{
    const Decoder& reference = m_subject.reference(context);
    const Checkpoint checkpoint(m_options.out / "checkpoints" / rowFileStem(number, variant.name),
                                m_options.keepCheckpoints);
    const QuantizeOptions options{.out = checkpoint.folder(), .text = m_options.calibration, .overwrite = true};
    const QuantizeResult made = m_subject.session.quantize(m_subject.stats, *variant.plan, options, context);
    row.effectiveBits = made.effectiveBits;
    row.rotationBits = made.rotationBits;
    row.bytes = made.bytes;
    row.quantizeSeconds = made.seconds;
    const ModelAssets assets = openModelAssets(checkpoint.folder().string());
    const Decoder decoder(*assets.source, m_subject.target, context);
    const Divergence score = divergence(reference, decoder, m_subject.windows, m_klWindows, context);
    row.perplexity = score.perplexity.perplexity;
    row.standardError = score.perplexity.standardError;
    row.kl = score.kl;
    row.sameTop = score.sameTop;
}

ComparisonRow ComparisonRun::attempt(std::size_t number, const PlannedVariant& variant, const RunContext& context)
{
    ComparisonRow row = blankRow(variant);
    if (row.failure)
        return row;
    const auto start = Clock::now();
    resetPeakRss();
    try {
        if (variant.plan)
            scoreVariant(row, number, variant, context);
        else
            scoreFloat(row, context);
    } catch (const std::exception& problem) {
        const auto* error = dynamic_cast<const Error*>(&problem);
        if (error && error->isCancelled())
            throw;
        row.failure = failureOf(std::current_exception());
    }
    row.device = m_subject.target.deviceName();
    row.seconds = secondsSince(start);
    row.peakRssBytes = peakRssBytes();
    return row;
}

Comparison ComparisonRun::describe() const
{
    const Windows& windows = m_subject.windows;
    Comparison result;
    result.model = m_subject.assets.info;
    result.model.tensors.clear();
    result.quantizedBefore = quantizedTypes(m_subject.assets.info);
    result.calibration = {m_statistics.textName, m_statistics.textHash, m_statistics.tokens, m_statistics.context,
                          m_statistics.windows};
    result.statsFingerprint = m_statistics.fingerprint;
    result.evaluation = {m_options.text.source().filename().string(), m_subject.textHash,
                         windows.tokens() - windows.count(), windows.context(), windows.count()};
    result.evaluationTokens = windows.textTokens();
    result.klWindows = m_klWindows;
    result.device = m_subject.target.deviceName();
    result.dtype = m_subject.target.dtypeName();
    result.folder = m_options.out.string();
    return result;
}

Comparison ComparisonRun::run(const std::vector<ComparisonVariant>& variants, const ComparisonListener& onRow,
                              const RunContext& context)
try {
    Comparison result = describe();
    const std::vector<PlannedVariant> planned = planAll(variants, context);
    for (std::size_t number = 0; number < planned.size(); ++number) {
        const PlannedVariant& variant = planned[number];
        context.checkpoint();
        std::optional<ComparisonRow> row = variant.failure ? std::nullopt : m_rows.find(variant.key);
        if (row) {
            row->name = variant.name; // the same plan may have had another name before
            row->control = variant.control;
            row->reused = true;
        } else {
            row = attempt(number, variant, named(context, variant.name));
            if (!row->failure)
                m_rows.add(number, *row);
        }
        if (onRow)
            onRow(*row);
        result.rows.push_back(std::move(*row));
    }
    return result;
} catch (Error& error) {
    if (error.isCancelled() && m_rows.count() > 0)
        error.hint(std::to_string(m_rows.count()) + " finished rows are kept in " +
                   (m_options.out / "rows").string() + ", and the same command goes on from there");
    throw;
}

} // namespace eigenquant
