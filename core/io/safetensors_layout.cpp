// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/safetensors_layout.h"

#include "core/base/error.h"
#include "core/io/printable.h"
#include "core/io/safetensors_header.h"
#include "core/io/stored_type.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string_view>

namespace eigenquant {
namespace {

constexpr std::size_t kAlignment = 64;

void checkNames(const std::vector<TensorSpec>& specs)
{
    std::set<std::string_view> names{kSafetensorsMetadataKey};
    for (const TensorSpec& spec : specs)
        if (!names.insert(spec.name).second)
            throw Error::internal("a tensor name that cannot be written, or twice: " + printable(spec.name));
}

} // namespace

std::uint64_t storedBytes(const TensorSpec& spec)
{
    const bool whole = std::ranges::none_of(spec.shape, [](std::int64_t d) { return d < 0; });
    if (!whole || spec.shape.size() > kMaxSafetensorsDims || layoutOf(spec.type).blockValues != 1)
        throw Error::internal("a tensor of a shape or type that safetensors cannot hold: " + printable(spec.name));
    const auto bytes = checkedBytes(spec.type, spec.shape);
    if (!bytes)
        throw Error::internal("the shape of a tensor to be written overflows: " + printable(spec.name));
    return *bytes;
}

std::string safetensorsHeader(const std::vector<TensorSpec>& specs, const std::map<std::string, std::string>& metadata)
{
    checkNames(specs);
    nlohmann::ordered_json header = nlohmann::ordered_json::object();
    if (!metadata.empty())
        header[std::string(kSafetensorsMetadataKey)] = metadata;
    std::uint64_t offset = 0;
    std::string text = header.dump();
    text.pop_back(); // the tensors go in as text: ordered_json looks its keys up one by one
    for (const TensorSpec& spec : specs) {
        const std::uint64_t end = offset + storedBytes(spec);
        const nlohmann::ordered_json entry{
            {"dtype", name(spec.type)}, {"shape", spec.shape}, {"data_offsets", {offset, end}}};
        if (text.size() > 1)
            text += ',';
        text += nlohmann::json(spec.name).dump();
        text += ':';
        text += entry.dump();
        offset = end;
    }
    text += '}';
    text.append((kAlignment - (kSafetensorsPrefix + text.size()) % kAlignment) % kAlignment, ' ');
    if (text.size() > kMaxSafetensorsHeader)
        throw Error::unsupported("too many tensors for one safetensors file")
            .found("a header of " + std::to_string(text.size()) + " bytes")
            .expected("at most " + std::to_string(kMaxSafetensorsHeader));
    return text;
}

} // namespace eigenquant
