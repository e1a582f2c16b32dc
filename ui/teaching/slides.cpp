// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/teaching/slides.h"

#include "ui/text/format.h"

namespace eigenquant {

std::vector<Slide*> makeSlides(Workspace& workspace)
{
    return {new GridSlide,
            new ChannelsSlide(workspace),
            new PlaneSlide(workspace),
            new RotatedSlide(workspace),
            new KeptSlide(workspace),
            new RemainingSlide(workspace)};
}

SalientBudget sliderBudget(int value)
{
    return {value / 128.0, true};
}

QString sliderShare(int value)
{
    return text::percent(value / 128.0);
}

} // namespace eigenquant
