// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/salient.h"

#include "core/quant/random.h"

#include <algorithm>
#include <numeric>

namespace eigenquant {
namespace {

constexpr std::uint64_t kSelectionStream = 1;

std::vector<int> byFallingEnergy(const std::vector<double>& energy)
{
    std::vector<int> order(energy.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int a, int b) {
        return energy[static_cast<std::size_t>(a)] > energy[static_cast<std::size_t>(b)];
    });
    return order;
}

std::vector<int> fromBothEnds(const std::vector<int>& falling)
{
    std::vector<int> order;
    for (std::size_t low = 0, high = falling.size(); low < high;) {
        order.push_back(falling[low++]);
        if (low < high)
            order.push_back(falling[--high]);
    }
    return order;
}

} // namespace

std::vector<int> saliencyOrder(const std::vector<double>& energy, Select select, std::uint64_t seed, SiteId site)
{
    std::vector<int> falling = byFallingEnergy(energy);
    switch (select) {
    case Select::Top:
        break;
    case Select::Bottom:
        std::reverse(falling.begin(), falling.end());
        break;
    case Select::TopBottom:
        return fromBothEnds(falling);
    case Select::Random: {
        Random random(seed, site, kSelectionStream);
        return shuffled(static_cast<int>(energy.size()), random);
    }
    }
    return falling;
}

std::vector<int> salientChannels(const std::vector<double>& energy, Select select, int salient, std::uint64_t seed,
                                 SiteId site)
{
    std::vector<int> order = saliencyOrder(energy, select, seed, site);
    order.resize(static_cast<std::size_t>(salient));
    std::sort(order.begin(), order.end());
    return order;
}

std::vector<int> remainingChannels(const std::vector<int>& salient, int channels)
{
    std::vector<int> rest;
    rest.reserve(static_cast<std::size_t>(channels) - salient.size());
    auto next = salient.begin();
    for (int channel = 0; channel < channels; ++channel) {
        if (next != salient.end() && *next == channel)
            ++next;
        else
            rest.push_back(channel);
    }
    return rest;
}

} // namespace eigenquant
