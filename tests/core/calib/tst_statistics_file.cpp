// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/calib/statistics_file.h"

#include "core/base/error.h"
#include "core/io/text_file.h"
#include "tests/support/temporary_folder.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/randn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <functional>

namespace eigenquant {
namespace {

ModelStatistics small()
{
    ModelStatistics statistics;
    statistics.model = {.name = "small", .architecture = "LlamaForCausalLM", .fingerprint = "abc", .layers = 1,
                        .hiddenSize = 4, .intermediateSize = 6, .heads = 2, .kvHeads = 1, .headDim = 2,
                        .vocabSize = 10, .contextLength = 32};
    statistics.fingerprint = "f00d";
    statistics.textName = "text";
    statistics.textHash = "beef";
    statistics.tokens = 64;
    statistics.context = 32;
    statistics.windows = 2;
    statistics.groupSizes = {32, 0};
    statistics.hasMoments = true;
    const std::array<int, 4> channels{4, 4, 4, 6};
    for (std::size_t i = 0; i < 4; ++i) {
        SiteStatistics site{{0, kAllSites[i]}, channels[i], 64};
        for (int j = 0; j < channels[i]; ++j) {
            site.eigenvalues.push_back(10.0 / (j + 1));
            site.channelEnergy.push_back(j + 0.5);
            site.channelMax.push_back(j * 2.0);
            if (kAllSites[i] == Site::AttnOut)
                site.headWiseEnergy.push_back(j + 1.0);
        }
        statistics.sites.push_back(site);
    }
    for (const LinearRole role : kAllRoles) {
        const int in = channels[static_cast<std::size_t>(siteOf(role))];
        const int out = role == LinearRole::Gate || role == LinearRole::Up       ? 6
                        : role == LinearRole::K || role == LinearRole::V         ? 2
                                                                                 : 4;
        LinearStatistics linear{{0, role}, out, in, {}};
        for (const Basis basis : {Basis::Original, Basis::Pca, Basis::HeadWise})
            if (basis != Basis::HeadWise || role == LinearRole::O)
                linear.columns[basis] = {
                    std::vector<float>(static_cast<std::size_t>(in), 1.5f),
                    std::vector<std::vector<float>>(2 * kWidthCount,
                                                    std::vector<float>(static_cast<std::size_t>(in), 0.25f))};
        statistics.linears.push_back(linear);
    }
    return statistics;
}

ModelConfig smallConfig()
{
    ModelConfig config;
    config.architecture = "LlamaForCausalLM";
    config.layers = 1;
    config.hiddenSize = 4;
    config.intermediateSize = 6;
    config.heads = 2;
    config.kvHeads = 1;
    config.headDim = 2;
    config.vocabSize = 10;
    return config;
}

class StatisticsFile : public testing::Test {
protected:
    void write(const ModelStatistics& statistics, const std::vector<std::vector<double>>& kurtosis = {},
               bool besides = false)
    {
        StatisticsWriter writer(file, statistics, smallConfig(),
                                {.kurtosis = !kurtosis.empty(), .global = besides, .fisher = besides});
        // In an order that is not the file's.
        for (const LinearStatistics& linear : statistics.linears)
            writer.write(linear);
        for (const SiteStatistics& site : statistics.sites)
            writer.write(site);
        for (std::size_t i = 0; i < kurtosis.size(); ++i)
            writer.writeKurtosis(statistics.sites[i].id, kurtosis[i]);
        for (const SiteStatistics& site : statistics.sites) {
            const at::Tensor x = at::randn({20, site.channels}, at::kDouble);
            moments.push_back(at::matmul(x.t(), x));
            moments.back() = (moments.back() + moments.back().t()) / 2.0;
            if (statistics.hasMoments)
                writer.writeMoment(site.id, moments.back());
        }
        writer.finish();
    }

    test::TemporaryFolder folder;
    std::filesystem::path file = folder / "a.stats";
    std::vector<at::Tensor> moments;
};

TEST_F(StatisticsFile, ComesBackAsItWas)
{
    const ModelStatistics before = small();
    write(before);
    const ModelStatistics after = readStatistics(file);
    EXPECT_EQ(after.fingerprint, before.fingerprint);
    EXPECT_EQ(after.model.intermediateSize, 6);
    EXPECT_EQ(after.groupSizes, before.groupSizes);
    EXPECT_EQ(after.tokens, 64);
    ASSERT_EQ(after.sites.size(), 4u);
    EXPECT_EQ(after.site({0, Site::MlpOut}).eigenvalues, before.sites[3].eigenvalues);
    EXPECT_EQ(after.site({0, Site::AttnOut}).headWiseEnergy, before.sites[1].headWiseEnergy);
    ASSERT_EQ(after.linears.size(), 7u);
    EXPECT_EQ(after.linear({0, LinearRole::O}).columns.at(Basis::HeadWise).roundingError,
              before.linears[3].columns.at(Basis::HeadWise).roundingError);
    const MomentReader reader(file);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_TRUE(reader.moment(before.sites[i].id, before.sites[i].channels).equal(moments[i]));
}

TEST_F(StatisticsFile, WithoutMomentsIsSmallerAndSaysSo)
{
    ModelStatistics statistics = small();
    statistics.hasMoments = false;
    write(statistics);
    EXPECT_FALSE(readStatistics(file).hasMoments);
    EXPECT_THROW(MomentReader(file).moment({0, Site::MlpIn}, 4), Error);
}

ModelStatistics smallNorms()
{
    ModelStatistics statistics = small();
    statistics.hasMoments = false;
    statistics.normsOnly = true;
    for (SiteStatistics& site : statistics.sites) {
        site.eigenvalues.clear();
        site.headWiseEnergy.clear();
    }
    for (LinearStatistics& linear : statistics.linears) {
        linear.columns.erase(Basis::Pca);
        linear.columns.erase(Basis::HeadWise);
    }
    return statistics;
}

TEST_F(StatisticsFile, ChannelNormsAloneComeBackWithoutEigenvalues)
{
    const ModelStatistics before = smallNorms();
    write(before);
    const ModelStatistics after = readStatistics(file);
    EXPECT_TRUE(after.normsOnly);
    EXPECT_FALSE(after.hasMoments);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_TRUE(after.sites[i].eigenvalues.empty());
        EXPECT_TRUE(after.sites[i].headWiseEnergy.empty());
        EXPECT_EQ(after.sites[i].channelEnergy, before.sites[i].channelEnergy);
        EXPECT_EQ(after.sites[i].channelMax, before.sites[i].channelMax);
    }
    for (const LinearStatistics& linear : after.linears) {
        EXPECT_EQ(linear.columns.size(), 1u);
        EXPECT_EQ(linear.columns.at(Basis::Original).roundingError.size(), std::size_t{2 * kWidthCount});
    }
}

TEST_F(StatisticsFile, KeepsWhatWasMeasuredBesides)
{
    ModelStatistics before = small();
    for (SiteStatistics& site : before.sites)
        if (site.id.site == Site::AttnIn || site.id.site == Site::MlpIn)
            site.globalEnergy = {4, 3, 2, 1};
    for (LinearStatistics& linear : before.linears) {
        linear.outputFisher.assign(static_cast<std::size_t>(linear.outFeatures), 0.25);
        if (siteOf(linear.id.role) == Site::AttnIn || siteOf(linear.id.role) == Site::MlpIn)
            linear.columns[Basis::Global] = linear.columns[Basis::Original];
    }
    write(before, {}, /*besides=*/true);
    const ModelStatistics after = readStatistics(file);
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_EQ(after.sites[i].globalEnergy, before.sites[i].globalEnergy);
    for (std::size_t i = 0; i < 7; ++i) {
        EXPECT_EQ(after.linears[i].outputFisher, before.linears[i].outputFisher);
        EXPECT_EQ(after.linears[i].columns.size(), before.linears[i].columns.size());
    }
}

TEST_F(StatisticsFile, KurtosisIsThereIfItWasMeasured)
{
    ModelStatistics statistics = small();
    statistics.hasMoments = false;
    write(statistics);
    EXPECT_TRUE(readKurtosis(file).empty()); // as in files from before
    const std::vector<std::vector<double>> kurtosis{{1, 2, 3, 4}, {3, 3, 3, 3}, {9, 0, 7, 6}, {1, 2, 3, 4, 5, 6}};
    write(statistics, kurtosis);
    EXPECT_EQ(readKurtosis(file), kurtosis);
    EXPECT_EQ(readStatistics(file).site({0, Site::MlpIn}).channelEnergy, statistics.sites[2].channelEnergy);
}

TEST_F(StatisticsFile, AnotherProcessGoesOnWithWhatIsTrusted)
{
    const ModelStatistics statistics = small();
    write(statistics);
    const std::string bytes = readFile(file);
    {
        StatisticsWriter writer(file, statistics, smallConfig(), {.kurtosis = false});
        EXPECT_TRUE(writer.wentOn());
        EXPECT_THROW(writer.finish(), Error) << "nothing was trusted yet";
        writer.trustLayer(0);
        EXPECT_TRUE(writer.readMoment({0, Site::MlpOut}, 6).equal(moments[3]));
        writer.finish();
    }
    EXPECT_EQ(readFile(file), bytes);
}

TEST_F(StatisticsFile, DoesNotTellHowLongItTook)
{
    ModelStatistics statistics = smallNorms();
    write(statistics);
    const std::string first = readFile(file);
    statistics.seconds = 12.5;
    statistics.peakRssBytes = 1 << 20;
    write(statistics);
    EXPECT_EQ(readFile(file), first);
}

TEST_F(StatisticsFile, OlderFilesThatTellItStillLoad)
{
    write(smallNorms());
    std::string bytes = readFile(file);
    std::uint64_t header = 0;
    std::memcpy(&header, bytes.data(), sizeof header);
    const std::string key = "\\\"has_moments\\\"", before = "\\\"seconds\\\":1.5,\\\"peak_rss_bytes\\\":4096,";
    const auto place = bytes.find(key);
    ASSERT_NE(place, std::string::npos);
    bytes.insert(place, before);
    header += before.size();
    std::memcpy(bytes.data(), &header, sizeof header);
    std::ofstream(file, std::ios::binary) << bytes;
    EXPECT_EQ(readStatistics(file).windows, 2);
}

TEST_F(StatisticsFile, LiesAreFound)
{
    write(small());
    const std::string good = readFile(file);
    const auto refuses = [&](const std::string& from, const std::string& to, ErrorCode code) {
        std::string bad = good;
        const auto place = bad.find(from);
        ASSERT_NE(place, std::string::npos) << from;
        bad.replace(place, from.size(), to);
        std::ofstream(file, std::ios::binary) << bad;
        try {
            readStatistics(file);
            ADD_FAILURE() << "took " << to;
        } catch (const Error& error) {
            EXPECT_EQ(error.code(), code) << error.what();
            EXPECT_NE(std::string(error.what()).find("a.stats"), std::string::npos);
        }
    };
    refuses("eigenquant-statistics", "eigenquant-statisticz", ErrorCode::Invalid);
    refuses("\\\"version\\\":1", "\\\"version\\\":9", ErrorCode::Unsupported);
    refuses("\\\"intermediate_size\\\":6", "\\\"intermediate_size\\\":7", ErrorCode::Invalid);
    refuses("0.mlp_out.eigenvalues", "0.mlp_out.eigenvaluez", ErrorCode::Invalid);
}

TEST_F(StatisticsFile, AnEnergyThatIsNotFiniteIsNamed)
{
    ModelStatistics statistics = small();
    statistics.sites[2].eigenvalues[1] = std::nan("");
    write(statistics);
    try {
        readStatistics(file);
        FAIL() << "took a NaN";
    } catch (const Error& error) {
        EXPECT_EQ(error.field(), "0.mlp_in.eigenvalues");
    }
}

} // namespace
} // namespace eigenquant
