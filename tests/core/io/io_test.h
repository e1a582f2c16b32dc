// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/error.h"
#include "core/io/tensor_store.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace eigenquant::test {

/// A file of tests/golden/io.
std::filesystem::path golden(std::string_view name);

/// A tensor in float32.
std::vector<float> floatsOf(const TensorStore& store, std::string_view tensor);

/// A number's little-endian bytes.
template <class T>
std::string bytesOf(T value)
{
    return {reinterpret_cast<const char*>(&value), sizeof value};
}

inline std::span<const std::byte> asBytes(std::string_view text)
{
    return std::as_bytes(std::span(text));
}

/// A safetensors file with a header as given, right or wrong.
std::string safetensorsFile(std::string_view header, std::string_view data);

/// A .npy file of format 1 with a type and a shape as given, right or wrong.
std::string npyFile(std::string_view type, std::string_view shape, std::string_view data);

/// Runs `action` and checks that it throws an Error of the code whose message holds all the words.
template <class Action>
void expectError(Action&& action, ErrorCode code, std::initializer_list<std::string_view> words)
{
    try {
        action();
    } catch (const Error& error) {
        EXPECT_EQ(error.code(), code) << error.what();
        for (const std::string_view word : words)
            EXPECT_NE(std::string_view(error.what()).find(word), std::string_view::npos)
                << "no \"" << word << "\" in: " << error.what();
        return;
    }
    ADD_FAILURE() << "nothing was thrown";
}

} // namespace eigenquant::test
