// The template part of deadline.h.
#pragma once
