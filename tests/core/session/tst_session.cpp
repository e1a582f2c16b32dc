// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/error.h"
#include "core/io/safetensors.h"
#include "core/io/text_file.h"
#include "tests/core/session/session_test.h"

#include <cmath>
#include <cstring>

namespace eigenquant::test {
namespace {

using Session = SessionTest;

std::vector<float> logitsOf(ModelSession& session, const std::filesystem::path& out)
{
    session.logits({1, 5, 9, 2, 7, 30, 4}, out, true, {});
    const auto store = SafetensorsStore::openFile(out);
    const StoredTensor& tensor = store->at("logits");
    std::vector<float> values(static_cast<std::size_t>(tensor.count()));
    store->readFloat(tensor, values);
    return values;
}

TEST_F(Session, StatisticsHoldTogether)
{
    const ModelStatistics& statistics = *shared->statistics;
    ASSERT_EQ(statistics.sites.size(), 8u);
    EXPECT_EQ(statistics.tokens, 6 * 64);
    for (const SiteStatistics& site : statistics.sites) {
        double eigenSum = 0, energySum = 0;
        for (std::size_t j = 0; j < site.eigenvalues.size(); ++j) {
            eigenSum += site.eigenvalues[j];
            energySum += site.channelEnergy[j];
            if (j > 0) {
                EXPECT_LE(site.eigenvalues[j], site.eigenvalues[j - 1]);
            }
            EXPECT_LE(site.channelEnergy[j], site.channelMax[j] * site.channelMax[j] * 1.0001);
        }
        // The moments are sums of float32 products: what they lack to be positive was set to zero.
        EXPECT_NEAR(eigenSum, energySum, 1e-6 * energySum) << site.id.name() << ": a rotation moves no energy";
        // No K channels hold more than the K principal directions (Schur–Horn).
        for (const int k : {1, 8, 16})
            EXPECT_GE(salientEnergyShare(site, Basis::Pca, Select::Top, k) + 1e-9,
                      salientEnergyShare(site, Basis::Original, Select::Top, k));
    }
}

TEST_F(Session, AnalysisIsTheSameTwice)
{
    AnalyzeOptions options;
    options.text = calibration();
    options.out = folder / "again.stats";
    const auto again = open()->analyze(options, {});
    EXPECT_EQ(again->fingerprint, shared->statistics->fingerprint);
    for (std::size_t i = 0; i < again->sites.size(); ++i)
        EXPECT_EQ(again->sites[i].eigenvalues, shared->statistics->sites[i].eigenvalues);
}

TEST_F(Session, TheFileIsTheSameTwice)
{
    for (const bool normsOnly : {false, true}) {
        AnalyzeOptions options;
        options.text = calibration();
        options.normsOnly = normsOnly;
        options.out = folder / "a.stats";
        const auto made = open()->analyze(options, {});
        EXPECT_GT(made->peakRssBytes, 0u);
        options.out = folder / "b.stats";
        open()->analyze(options, {});
        EXPECT_EQ(readFile(folder / "a.stats"), readFile(folder / "b.stats")) << normsOnly;
        std::filesystem::remove(folder / "a.stats");
        std::filesystem::remove(folder / "b.stats");
    }
}

TEST_F(Session, ChannelNormsAloneAgreeWithTheWholeAnalysis)
{
    AnalyzeOptions options;
    options.text = calibration();
    options.normsOnly = true;
    options.out = folder / "norms.stats";
    const auto norms = open()->analyze(options, {});
    EXPECT_TRUE(norms->normsOnly);
    EXPECT_FALSE(norms->hasMoments);
    EXPECT_NE(norms->fingerprint, shared->statistics->fingerprint);
    ASSERT_EQ(norms->sites.size(), shared->statistics->sites.size());
    for (std::size_t i = 0; i < norms->sites.size(); ++i) {
        const SiteStatistics &site = norms->sites[i], &whole = shared->statistics->sites[i];
        EXPECT_TRUE(site.eigenvalues.empty());
        EXPECT_EQ(site.channelMax, whole.channelMax);
        for (std::size_t j = 0; j < site.channelEnergy.size(); ++j)
            EXPECT_NEAR(site.channelEnergy[j], whole.channelEnergy[j], 1e-5 * whole.channelEnergy[j] + 1e-12);
        EXPECT_THROW(salientEnergyShare(site, Basis::Pca, Select::Top, 4), Error);
    }
    for (std::size_t i = 0; i < norms->linears.size(); ++i)
        EXPECT_EQ(norms->linears[i].columns.at(Basis::Original).roundingError,
                  shared->statistics->linears[i].columns.at(Basis::Original).roundingError);
    PlanOptions rtn;
    rtn.method = Method::Rtn;
    rtn.groupSize = 16;
    EXPECT_GT(makePlan(*norms, rtn).totals.predictedError, 0);
    EXPECT_THROW(makePlan(*norms, rosaq()), Error);
}

TEST_F(Session, PackedAndExportedCheckpointsScoreTheSame)
{
    for (const SiteTreatment attnOut :
         {SiteTreatment::HeadWise, SiteTreatment::Full, SiteTreatment::Salient, SiteTreatment::None}) {
        PlanOptions options = rosaq();
        options.attnOut = attnOut;
        options.mixRest = attnOut == SiteTreatment::Full;
        const std::string label(name(attnOut));
        const auto packed = quantize(options, "packed-" + label);
        ExportOptions target;
        target.out = folder / ("hf-" + label);
        target.dtype = "f32";
        const ExportResult exported = exportCheckpoint(packed, target, {});
        EXPECT_FALSE(exported.loadsIn.empty());
        const double packedPerplexity = ModelSession::open(packed.string(), cpu())->perplexity(check(), {}).perplexity;
        const double densePerplexity =
            ModelSession::open(target.out.string(), cpu())->perplexity(check(), {}).perplexity;
        EXPECT_NEAR(packedPerplexity / densePerplexity, 1, 1e-4) << label;
    }
}

TEST_F(Session, EverythingSalientIsTheFloatModel)
{
    PlanOptions options = rosaq(2);
    options.salient = SalientBudget::parse("1/1");
    const auto packed = ModelSession::open(quantize(options, "all").string(), cpu());
    const auto original = open();
    const auto expected = logitsOf(*original, folder / "a.safetensors");
    const auto found = logitsOf(*packed, folder / "b.safetensors");
    ASSERT_EQ(expected.size(), found.size());
    double squares = 0, worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
        squares += expected[i] * expected[i];
        worst = std::max<double>(worst, std::abs(expected[i] - found[i]));
    }
    EXPECT_LT(worst, 0.02 * std::sqrt(squares / static_cast<double>(expected.size()))) << "FP16 weights and rotations";
}

TEST_F(Session, MoreBitsMeanLessError)
{
    double previous = 1e9;
    for (const int bits : {2, 3, 4, 6, 8}) {
        QuantizeResult result;
        quantize(rosaq(bits), "b" + std::to_string(bits), &result);
        double error = 0;
        for (const LinearOutcome& outcome : result.linears)
            error += outcome.outputError;
        EXPECT_LT(error, previous) << bits;
        previous = error;
    }
}

TEST_F(Session, TheFileHoldsWhatTheEffectiveBitsSay)
{
    for (const Method method : {Method::Rtn, Method::Salient, Method::Rosaq}) {
        PlanOptions options = rosaq(3);
        options.method = method;
        options.symmetric = method == Method::Salient;
        QuantizeResult result;
        const auto packed = quantize(options, "m" + std::string(name(method)), &result);
        const auto store = SafetensorsStore::openFile(packed / "model.safetensors");
        std::uint64_t stored = 0, weights = 0;
        for (const StoredTensor& tensor : store->tensors())
            for (const char* part : {".codes", ".scales", ".zeros", ".salient", ".salient_index", ".rotation"})
                if (tensor.name.ends_with(part))
                    stored += tensor.bytes.size();
        for (const LinearStatistics& linear : shared->statistics->linears)
            weights += static_cast<std::uint64_t>(linear.outFeatures) * static_cast<std::uint64_t>(linear.inFeatures);
        EXPECT_EQ(stored, result.bytes) << name(method);
        EXPECT_NEAR(result.effectiveBits, 8.0 * static_cast<double>(stored) / static_cast<double>(weights), 1e-9);
        EXPECT_GE(result.fileBytes, stored);
    }
}

TEST_F(Session, StatisticsWithoutMomentsTakeTheTextAgain)
{
    AnalyzeOptions analyze;
    analyze.text = calibration();
    analyze.out = folder / "small.stats";
    analyze.keepMoments = false;
    const auto small = open()->analyze(analyze, {});
    EXPECT_FALSE(small->hasMoments);
    EXPECT_LT(std::filesystem::file_size(analyze.out), std::filesystem::file_size(shared->stats));

    const Plan plan = makePlan(*small, rosaq());
    QuantizeOptions target;
    target.out = folder / "packed";
    EXPECT_THROW(open()->quantize(analyze.out, plan, target, {}), Error);
    target.text = check();
    EXPECT_THROW(open()->quantize(analyze.out, plan, target, {}), Error) << "another text";
    target.text = calibration();
    open()->quantize(analyze.out, plan, target, {});

    const auto direct = quantize(rosaq(), "direct");
    const auto left = SafetensorsStore::openFile(target.out / "model.safetensors");
    const auto right = SafetensorsStore::openFile(direct / "model.safetensors");
    for (const StoredTensor& tensor : left->tensors()) {
        const auto other = right->at(tensor.name).bytes;
        EXPECT_EQ(std::memcmp(tensor.bytes.data(), other.data(), other.size()), 0) << tensor.name;
    }
}

TEST_F(Session, TokensComeBackAsText)
{
    const auto session = open();
    const std::string text = tinyText(300, 5);
    EXPECT_EQ(session->detokenize(session->tokenize(text)), text);
}

} // namespace
} // namespace eigenquant::test
