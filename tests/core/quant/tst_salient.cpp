// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/salient.h"

#include "core/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace eigenquant {
namespace {

const std::vector<double> kEnergy{5, 1, 9, 1, 7, 3};
const SiteId kSite{3, Site::MlpIn};

TEST(Salient, SelectionsAreWhatTheySay)
{
    using Channels = std::vector<int>;
    EXPECT_EQ(salientChannels(kEnergy, Select::Top, 2, 0, kSite), (Channels{2, 4}));
    EXPECT_EQ(salientChannels(kEnergy, Select::Bottom, 2, 0, kSite), (Channels{1, 3}));
    EXPECT_EQ(salientChannels(kEnergy, Select::TopBottom, 2, 0, kSite), (Channels{2, 3}));
    EXPECT_EQ(remainingChannels({2, 4}, 6), (Channels{0, 1, 3, 5}));
    EXPECT_TRUE(salientChannels(kEnergy, Select::Top, 0, 0, kSite).empty());
}

TEST(Salient, AllChannelsIsAllChannelsWhateverTheSelection)
{
    for (const Select select : {Select::Top, Select::Bottom, Select::TopBottom, Select::Random})
        EXPECT_EQ(salientChannels(kEnergy, select, 6, 5, kSite), (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Salient, ALargerKKeepsWhatASmallerOneKept)
{
    for (const Select select : {Select::Top, Select::Bottom, Select::TopBottom, Select::Random})
        for (int k = 0; k < 6; ++k) {
            const auto smaller = salientChannels(kEnergy, select, k, 1, kSite);
            const auto larger = salientChannels(kEnergy, select, k + 1, 1, kSite);
            EXPECT_TRUE(std::includes(larger.begin(), larger.end(), smaller.begin(), smaller.end()));
        }
}

TEST(Salient, RandomFollowsSeedAndSite)
{
    const std::vector<double> energy(200, 1.0);
    const auto first = saliencyOrder(energy, Select::Random, 0, kSite);
    EXPECT_EQ(first, saliencyOrder(energy, Select::Random, 0, kSite));
    EXPECT_NE(first, saliencyOrder(energy, Select::Random, 1, kSite));
    EXPECT_NE(first, saliencyOrder(energy, Select::Random, 0, {4, Site::MlpIn}));
    EXPECT_EQ(std::set<int>(first.begin(), first.end()).size(), 200u);
}

TEST(Salient, FractionsGoToTheNearestMultipleOfEight)
{
    const auto count = [](const char* text, int channels) { return SalientBudget::parse(text).count(channels); };
    EXPECT_EQ(count("1/32", 576), 16);      // 18
    EXPECT_EQ(count("0.03125", 1536), 48);
    EXPECT_EQ(count("1/32", 4096), 128);
    EXPECT_EQ(count("0.0625", 192), 16);    // 12: a tie between 8 and 16 goes to the even multiple
    EXPECT_EQ(count("1/48", 576), 16);      // 12 again
    EXPECT_EQ(count("20/576", 576), 16);    // 20: a tie between 16 and 24 goes to the even multiple
    EXPECT_EQ(count("1/1", 100), 100);
    EXPECT_EQ(count("0", 576), 0);
    EXPECT_EQ(count("17", 576), 17) << "a count is taken as it is";
}

TEST(Salient, RefusesWhatIsNoBudget)
{
    for (const char* text : {"", "-1", "x", "1/0", "3/2", "1.5", "nan", "1/", "/2", "16 "})
        EXPECT_THROW(SalientBudget::parse(text), Error) << text;
    EXPECT_THROW(SalientBudget::parse("577").count(576), Error);
}

} // namespace
} // namespace eigenquant
