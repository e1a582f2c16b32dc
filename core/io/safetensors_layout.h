// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/io/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace eigenquant {

/// The header's length stands before it, in so many bytes.
inline constexpr std::size_t kSafetensorsPrefix = 8;

/// The bytes of a tensor in a file. Error::internal for a shape or type that the format cannot hold.
std::uint64_t storedBytes(const TensorSpec& spec);

/// The JSON header in the order of the specs, padded with spaces so that the data begins aligned. Error::internal for
/// doubled names, Error::unsupported for more tensors than a header may have.
std::string safetensorsHeader(const std::vector<TensorSpec>& specs, const std::map<std::string, std::string>& metadata);

} // namespace eigenquant
