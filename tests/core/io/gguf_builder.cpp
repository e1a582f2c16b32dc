// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/core/io/gguf_builder.h"

namespace eigenquant::test {

std::string GgufBuilder::file() const
{
    const auto said = [](std::int64_t given, std::size_t truth) {
        return bytesOf<std::uint64_t>(given < 0 ? truth : static_cast<std::uint64_t>(given));
    };
    std::string file =
        magic + bytesOf(version) + said(tensorCount, tensors.size()) + said(entryCount, entries.size());
    for (const std::string& entry : entries)
        file += entry;
    for (const std::string& tensor : tensors)
        file += tensor;
    file.resize((file.size() + alignment - 1) / alignment * alignment);
    return file + data;
}

std::string GgufBuilder::text(std::string_view value)
{
    return bytesOf<std::uint64_t>(value.size()) + std::string(value);
}

std::string GgufBuilder::entry(std::string_view key, std::uint32_t type, std::string_view value)
{
    return text(key) + bytesOf(type) + std::string(value);
}

std::string GgufBuilder::tensor(std::string_view name, const std::vector<std::uint64_t>& dims, std::uint32_t type,
                                std::uint64_t offset)
{
    std::string line = text(name) + bytesOf(static_cast<std::uint32_t>(dims.size()));
    for (const std::uint64_t dim : dims)
        line += bytesOf(dim);
    return line + bytesOf(type) + bytesOf(offset);
}

GgufBuilder GgufBuilder::valid()
{
    GgufBuilder builder;
    builder.entries = {entry("general.name", 8, text("tiny"))};
    builder.tensors = {tensor("w", {8, 3}, 0, 0)};
    for (int i = 0; i < 24; ++i)
        builder.data += bytesOf(static_cast<float>(i));
    return builder;
}

} // namespace eigenquant::test
