// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/quant/bit_allocator.h"

#include "core/base/error.h"
#include "core/quant/predict.h"
#include "core/quant/predictor.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <string>

namespace eigenquant {
namespace {

/// One setting that a linear could have.
struct Setting {
    double bits = 4;
    double salientShare = 0; ///< of the site's channels
};

constexpr double kEtqFinest = 1.0 / 16;
constexpr double kEtqLeast = 1.25; // below it single columns would be left without a choice
constexpr double kEtqMost = 6;     // wider trellis codes are hardly nearer
constexpr double kCmpqFinest = 1.0 / 10;

std::vector<Setting> settingsOf(Method method)
{
    std::vector<Setting> settings;
    if (method == Method::Etq || method == Method::Cmpq) {
        const double least = method == Method::Etq ? kEtqLeast : kMinBits;
        const double most = method == Method::Etq ? kEtqMost : kMaxBits;
        const double finest = method == Method::Etq ? kEtqFinest : kCmpqFinest;
        for (int step = 0; least + step * finest <= most + 1e-9; ++step)
            settings.push_back({least + step * finest, 0});
        return settings;
    }
    for (int bits = kMinBits; bits <= kMaxBits; ++bits)
        for (const double share : {0.0, 1.0 / 64, 1.0 / 32, 1.0 / 16, 1.0 / 8, 1.0 / 4})
            if (share == 0 || keepsSalient(method))
                settings.push_back({static_cast<double>(bits), share});
    return settings;
}

/// Positions of linears that get the same setting.
using Unit = std::vector<std::size_t>;

std::vector<Unit> unitsOf(const Plan& plan)
{
    std::vector<Unit> units;
    std::map<std::pair<SiteId, Method>, std::size_t> shared;
    for (std::size_t i = 0; i < plan.linears.size(); ++i) {
        const LinearPlan& linear = plan.linears[i];
        if (linear.locked || linear.method == Method::Float)
            continue;
        const auto [place, isNew] = shared.try_emplace({linear.id.site(), linear.method}, units.size());
        if (isNew || linear.method == Method::Etq)
            units.push_back({i});
        else
            units[place->second].push_back(i);
    }
    return units;
}

LinearPlan withSetting(const Plan& plan, const LinearPlan& linear, const Setting& setting,
                       const ModelStatistics& statistics, Predictor& predictor)
{
    LinearPlan changed = linear;
    changed.bits = setting.bits;
    changed.salient = SalientBudget{setting.salientShare, true}.count(statistics.linear(linear.id).inFeatures);
    predictor.predictLinear(plan, changed);
    return changed;
}

void requireFisher(const Plan& plan, const ModelStatistics& statistics)
{
    for (const LinearPlan& linear : plan.linears)
        if (statistics.linear(linear.id).outputFisher.empty())
            throw Error::usage("bits can be spread only by how much the model feels each linear's error")
                .file(statistics.path)
                .field(linear.id.name())
                .found("statistics without output Fisher information")
                .hint("analyze again, without --norms-only or --no-fisher");
}

std::string bitsText(double bits)
{
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, bits, std::chars_format::fixed, 3).ptr};
}

} // namespace

BitAllocator::BitAllocator(const Plan& plan, const ModelStatistics& statistics)
{
    requireFisher(plan, statistics);
    for (const LinearPlan& linear : plan.linears) {
        const LinearStatistics& shape = statistics.linear(linear.id);
        m_weights += static_cast<double>(shape.outFeatures) * shape.inFeatures;
        m_fixedBytes += static_cast<double>(linear.bytes);
    }
    Predictor predictor(statistics);
    for (const Unit& unit : unitsOf(plan)) {
        AllocationUnit& choice = m_units.emplace_back();
        Settings& settings = m_settings.emplace_back();
        settings.positions = unit;
        for (const Setting& setting : settingsOf(plan.linears[unit.front()].method)) {
            AllocationOption& option = choice.options.emplace_back();
            std::vector<LinearPlan>& linears = settings.options.emplace_back();
            for (const std::size_t i : unit) {
                linears.push_back(withSetting(plan, plan.linears[i], setting, statistics, predictor));
                option.bytes += linears.back().bytes;
                option.loss += linears.back().predictedKl;
            }
        }
        for (const std::size_t i : unit)
            m_fixedBytes -= static_cast<double>(plan.linears[i].bytes);
    }
    findRange();
}

void BitAllocator::findRange()
{
    const auto byBytes = [](const AllocationOption& a, const AllocationOption& b) { return a.bytes < b.bytes; };
    m_leastBytes = m_mostBytes = m_fixedBytes;
    for (const AllocationUnit& unit : m_units) {
        const auto [low, high] = std::minmax_element(unit.options.begin(), unit.options.end(), byBytes);
        m_leastBytes += static_cast<double>(low->bytes);
        m_mostBytes += static_cast<double>(high->bytes);
    }
}

double BitAllocator::bitsOf(double bytes) const
{
    return m_weights > 0 ? 8 * bytes / m_weights : 0;
}

void BitAllocator::spread(Plan& plan, const ModelStatistics& statistics, double targetBits) const
{
    constexpr double rounding = 0.5; // of leastBits() and mostBits(), which are no whole bytes
    const double target = targetBits * m_weights / 8;
    if (!(target >= m_leastBytes - rounding && target <= m_mostBytes + rounding))
        throw Error::usage("this many effective bits cannot be reached")
            .field("target_bits")
            .found(bitsText(targetBits))
            .expected(bitsText(leastBits()) + " to " + bitsText(mostBits()))
            .hint("these are the least and the most that the method can take with the rotations and locks of this "
                  "plan");
    const double budget = std::max(target, m_leastBytes) - m_fixedBytes;
    const std::vector<int> chosen =
        allocate(m_units, static_cast<std::uint64_t>(budget), static_cast<std::uint64_t>(m_weights));
    for (std::size_t u = 0; u < m_settings.size(); ++u)
        for (std::size_t i = 0; i < m_settings[u].positions.size(); ++i)
            plan.linears[m_settings[u].positions[i]] = m_settings[u].options[static_cast<std::size_t>(chosen[u])][i];
    updateTotals(plan, statistics);
}

void allocateBits(Plan& plan, const ModelStatistics& statistics, double targetBits)
{
    BitAllocator(plan, statistics).spread(plan, statistics, targetBits);
}

} // namespace eigenquant
