// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/failure.h"

#include "core/base/error.h"

#include <csignal>
#include <new>

namespace eigenquant::cli {

namespace {

Failure stopped(int signalNumber, const std::string& whatIsKept)
{
    Failure failure;
    failure.code = static_cast<int>(signalNumber == SIGTERM ? ErrorCode::Terminated : ErrorCode::Interrupted);
    failure.message = "stopped; " + (whatIsKept.empty() ? "nothing was written" : whatIsKept);
    return failure;
}

} // namespace

Json Failure::toJson() const
{
    return {{"error",
             {{"code", code},
              {"message", message},
              {"file", textOrNull(file)},
              {"field", textOrNull(field)},
              {"expected", textOrNull(expected)},
              {"found", textOrNull(found)}}}};
}

Failure describeFailure(const std::exception_ptr& problem, int signalNumber)
{
    try {
        std::rethrow_exception(problem);
    } catch (const Error& error) {
        if (error.isCancelled())
            return stopped(signalNumber, error.hint());
        return {static_cast<int>(error.code()),
                error.what(),
                error.file(),
                error.field(),
                error.expected(),
                error.found()};
    } catch (const std::bad_alloc&) {
        return {static_cast<int>(ErrorCode::Resources),
                "there is not enough memory for this; close other programs, or use a smaller --context"};
    } catch (const std::exception& error) {
        return {static_cast<int>(ErrorCode::Internal),
                std::string("this is a fault of eigenquant itself, please report it: ") + error.what()};
    } catch (...) {
        return {static_cast<int>(ErrorCode::Internal),
                "this is a fault of eigenquant itself, please report it: an unknown exception"};
    }
}

} // namespace eigenquant::cli
