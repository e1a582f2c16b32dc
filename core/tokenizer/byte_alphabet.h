// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace eigenquant {

/// GPT-2's alphabet: byte-level vocabularies write every byte as one printable character, bytes that are
/// printable in Latin-1 as themselves, the others as U+0100 and on.
std::string_view letterOfByte(unsigned char byte);

/// The bytes that a token stands for, or nothing if a character of it (valid UTF-8) is not a letter.
std::optional<std::string> bytesOfLetters(std::string_view token);

} // namespace eigenquant
