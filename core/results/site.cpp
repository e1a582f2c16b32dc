// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/results/site.h"

#include <algorithm>
#include <charconv>

namespace eigenquant {
namespace {

constexpr std::array<std::string_view, kAllSites.size()> kSiteNames{"attn_in", "attn_out", "mlp_in", "mlp_out"};
constexpr std::array<std::string_view, kAllRoles.size()> kRoleNames{"q", "k", "v", "o", "gate", "up", "down"};
constexpr std::array kUngatedRoles{LinearRole::Q, LinearRole::K,  LinearRole::V,
                                   LinearRole::O, LinearRole::Up, LinearRole::Down};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view text)
{
    for (std::size_t i = 0; i < N; ++i)
        if (names[i] == text)
            return static_cast<Enum>(i);
    return std::nullopt;
}

} // namespace

std::span<const LinearRole> layerRoles(bool gatedMlp)
{
    return gatedMlp ? std::span<const LinearRole>(kAllRoles) : std::span<const LinearRole>(kUngatedRoles);
}

std::string_view name(Site site)
{
    return kSiteNames[static_cast<std::size_t>(site)];
}

std::string_view name(LinearRole role)
{
    return kRoleNames[static_cast<std::size_t>(role)];
}

std::optional<Site> siteFromName(std::string_view text)
{
    return find<Site>(kSiteNames, text);
}

std::optional<LinearRole> roleFromName(std::string_view text)
{
    return find<LinearRole>(kRoleNames, text);
}

Site siteOf(LinearRole role)
{
    switch (role) {
    case LinearRole::Q:
    case LinearRole::K:
    case LinearRole::V:
        return Site::AttnIn;
    case LinearRole::O:
        return Site::AttnOut;
    case LinearRole::Gate:
    case LinearRole::Up:
        return Site::MlpIn;
    case LinearRole::Down:
        break;
    }
    return Site::MlpOut;
}

std::string SiteId::name() const
{
    return std::to_string(layer) + '.' + std::string(eigenquant::name(site));
}

std::string LinearId::name() const
{
    return std::to_string(layer) + '.' + std::string(eigenquant::name(role));
}

std::optional<LinearId> LinearId::fromName(std::string_view text)
{
    LinearId id;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id.layer);
    if (error != std::errc{} || id.layer < 0 || end == text.data() + text.size() || *end != '.')
        return std::nullopt;
    const auto role = roleFromName(text.substr(static_cast<std::size_t>(end - text.data()) + 1));
    if (!role)
        return std::nullopt;
    id.role = *role;
    return id;
}

std::optional<std::size_t> LinearId::index(std::size_t perLayer) const
{
    const auto roles = layerRoles(perLayer == kAllRoles.size());
    const auto place = std::find(roles.begin(), roles.end(), role);
    if (layer < 0 || perLayer != roles.size() || place == roles.end())
        return std::nullopt;
    return static_cast<std::size_t>(layer) * perLayer + static_cast<std::size_t>(place - roles.begin());
}

} // namespace eigenquant
