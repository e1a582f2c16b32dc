// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/io/hash.h"

#include "core/base/error.h"

#include <xxhash.h>

#include <array>
#include <new>

namespace eigenquant {

namespace {

std::string toHex(XXH128_hash_t hash)
{
    constexpr char kDigits[] = "0123456789abcdef";
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    std::string hex;
    for (const unsigned char byte : canonical.digest) {
        hex += kDigits[byte >> 4];
        hex += kDigits[byte & 15];
    }
    return hex;
}

} // namespace

struct Hasher::State {
    XXH3_state_t* xxh = XXH3_createState();

    State()
    {
        if (!xxh || XXH3_128bits_reset(xxh) != XXH_OK)
            throw std::bad_alloc();
    }
    ~State() { XXH3_freeState(xxh); }
    State(const State&) = delete;
    State& operator=(const State&) = delete;
};

Hasher::Hasher() : m_state(std::make_unique<State>()) {}
Hasher::~Hasher() = default;

Hasher& Hasher::add(std::span<const std::byte> bytes)
{
    if (!bytes.empty() && XXH3_128bits_update(m_state->xxh, bytes.data(), bytes.size()) != XXH_OK)
        throw Error::internal("the hash function refused its input");
    return *this;
}

Hasher& Hasher::add(std::string_view text)
{
    add(static_cast<std::int64_t>(text.size()));
    return add(std::as_bytes(std::span(text)));
}

Hasher& Hasher::add(std::int64_t value)
{
    // Byte by byte, so that a fingerprint is the same on a machine of another byte order.
    std::array<std::byte, 8> little{};
    for (std::size_t i = 0; i < little.size(); ++i)
        little[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
    return add(std::span<const std::byte>(little));
}

std::string Hasher::hex() const
{
    return toHex(XXH3_128bits_digest(m_state->xxh));
}

std::string hashText(std::string_view text)
{
    return toHex(XXH3_128bits(text.data(), text.size()));
}

} // namespace eigenquant
