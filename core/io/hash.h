// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace eigenquant {

/// XXH3-128 of pieces, as 32 hex digits: a fingerprint to recognize content by, not a signature.
class Hasher {
public:
    Hasher();
    ~Hasher();
    Hasher(const Hasher&) = delete;
    Hasher& operator=(const Hasher&) = delete;

    Hasher& add(std::span<const std::byte> bytes);
    /// Adds the length too, so that neighbouring strings cannot be confused.
    Hasher& add(std::string_view text);
    Hasher& add(std::int64_t value);
    std::string hex() const;

private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// XXH3-128 of the text alone: the digits that `xxh128sum` prints for a file with this content.
std::string hashText(std::string_view text);

} // namespace eigenquant
