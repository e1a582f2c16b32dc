// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/results/site.h"

#include <string>
#include <string_view>

namespace eigenquant {

/// Names inside a packed checkpoint; see packed_checkpoint.h.
inline constexpr const char* kPackedTensorFile = "model.safetensors";
inline constexpr const char* kManifestFile = "manifest.json";

inline std::string packedName(int layer, std::string_view part)
{
    return "layers." + std::to_string(layer) + "." + std::string(part);
}
inline std::string packedName(LinearId id, const std::string& part)
{
    return packedName(id.layer, std::string(name(id.role)) + "." + part);
}
inline std::string packedName(SiteId id, const std::string& part)
{
    return packedName(id.layer, std::string(name(id.site)) + "." + part);
}

} // namespace eigenquant
