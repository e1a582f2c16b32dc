// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/named_records.h"

#include "core/base/error.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace eigenquant {
namespace {

void append(std::vector<std::byte>& all, std::span<const std::byte> bytes)
{
    const std::uint64_t size = bytes.size();
    const auto head = std::as_bytes(std::span(&size, 1));
    all.insert(all.end(), head.begin(), head.end());
    all.insert(all.end(), bytes.begin(), bytes.end());
}

std::span<const std::byte> next(std::span<const std::byte>& rest)
{
    std::uint64_t size = 0;
    if (rest.size() >= sizeof size)
        std::memcpy(&size, rest.data(), sizeof size);
    if (rest.size() < sizeof size || rest.size() - sizeof size < size)
        throw Error::internal("the records of another process are cut off");
    const auto bytes = rest.subspan(sizeof size, size);
    rest = rest.subspan(sizeof size + size);
    return bytes;
}

} // namespace

void NamedRecords::add(const std::string& name, std::span<const std::byte> bytes)
{
    append(m_bytes, std::as_bytes(std::span(name)));
    append(m_bytes, bytes);
}

std::vector<std::byte> NamedRecords::take()
{
    return std::exchange(m_bytes, {});
}

void NamedRecords::forEach(std::span<const std::byte> records,
                           const std::function<void(const std::string& name, std::span<const std::byte> bytes)>& read)
{
    while (!records.empty()) {
        const auto name = next(records);
        read(std::string(reinterpret_cast<const char*>(name.data()), name.size()), next(records));
    }
}

} // namespace eigenquant
