// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace eigenquant {

/// An activation that one or more linear layers read; four in each decoder layer.
enum class Site { AttnIn, AttnOut, MlpIn, MlpOut };
inline constexpr std::array kAllSites{Site::AttnIn, Site::AttnOut, Site::MlpIn, Site::MlpOut};

/// A linear layer of a decoder layer, by what it computes.
enum class LinearRole { Q, K, V, O, Gate, Up, Down };
inline constexpr std::array kAllRoles{LinearRole::Q,    LinearRole::K,  LinearRole::V,   LinearRole::O,
                                      LinearRole::Gate, LinearRole::Up, LinearRole::Down};
/// The linears of a decoder layer: all roles, or all but the gate where the MLP has none (its first linear is `up`).
std::span<const LinearRole> layerRoles(bool gatedMlp);

/// "attn_in", "attn_out", "mlp_in", "mlp_out".
std::string_view name(Site site);
/// "q", "k", "v", "o", "gate", "up", "down".
std::string_view name(LinearRole role);
std::optional<Site> siteFromName(std::string_view text);
std::optional<LinearRole> roleFromName(std::string_view text);

/// The site whose activation a linear reads: q, k, v → attn_in; o → attn_out; gate, up → mlp_in;
/// down → mlp_out.
Site siteOf(LinearRole role);

/// One site of one decoder layer.
struct SiteId {
    int layer = 0;
    Site site = Site::AttnIn;
    auto operator<=>(const SiteId&) const = default;
    /// "3.attn_in"
    std::string name() const;
};

/// One linear of one decoder layer.
struct LinearId {
    int layer = 0;
    LinearRole role = LinearRole::Q;
    auto operator<=>(const LinearId&) const = default;
    SiteId site() const { return {layer, siteOf(role)}; }
    /// "3.gate"
    std::string name() const;
    /// The inverse of name(); nothing if the text names no linear.
    static std::optional<LinearId> fromName(std::string_view text);
    /// Its place in a list by layer and role that has `perLayer` linears a layer; nothing if it is in no such list.
    std::optional<std::size_t> index(std::size_t perLayer) const;
};

} // namespace eigenquant
