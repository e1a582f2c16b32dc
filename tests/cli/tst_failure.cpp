// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/failure.h"
#include "core/base/error.h"

#include <gtest/gtest.h>

#include <csignal>
#include <new>
#include <stdexcept>

namespace eigenquant::cli {
namespace {

template <class Exception>
Failure failureOf(const Exception& exception, int signalNumber = 0)
{
    return describeFailure(std::make_exception_ptr(exception), signalNumber);
}

TEST(Failure, EveryKindOfErrorHasItsExitCode)
{
    EXPECT_EQ(failureOf(Error::internal("x")).code, 1);
    EXPECT_EQ(failureOf(Error::usage("x")).code, 2);
    EXPECT_EQ(failureOf(Error::invalid("x")).code, 3);
    EXPECT_EQ(failureOf(Error::unsupported("x")).code, 4);
    EXPECT_EQ(failureOf(Error::resources("x")).code, 5);
    EXPECT_EQ(failureOf(Error::io("x")).code, 6);
    EXPECT_EQ(failureOf(Error::checkFailed("x")).code, 7);
    EXPECT_EQ(failureOf(std::bad_alloc()).code, 5);
    EXPECT_EQ(failureOf(std::logic_error("x")).code, 1);
    EXPECT_EQ(failureOf(42).code, 1);
}

TEST(Failure, TheSignalDecidesTheCodeOfAStop)
{
    EXPECT_EQ(failureOf(Error::cancelled(), SIGINT).code, 130);
    EXPECT_EQ(failureOf(Error::cancelled(), SIGTERM).code, 143);
    EXPECT_EQ(failureOf(Error::cancelled(), SIGTERM).message, "stopped; nothing was written");
}

TEST(Failure, TheJsonObjectNamesFileAndFieldOrNull)
{
    const Error error = Error::invalid("is truncated").file("a.gguf").field("blk.0").expected("8").found("7");
    EXPECT_EQ(failureOf(error).toJson(), Json({{"error",
                                                {{"code", 3},
                                                 {"message", error.what()},
                                                 {"file", "a.gguf"},
                                                 {"field", "blk.0"},
                                                 {"expected", "8"},
                                                 {"found", "7"}}}}));
    const Json bare = failureOf(Error::usage("x")).toJson()["error"];
    for (const char* key : {"file", "field", "expected", "found"})
        EXPECT_TRUE(bare.at(key).is_null()) << key;
}

} // namespace
} // namespace eigenquant::cli
