-- The index of what waits and will ask for less in time than it does now, by what it asks for in the end (`wd`).
local function widening(c)
  return D.class(c) .. '~' .. c.d .. '~' .. c.wd .. '~' .. c.id
end

function D.show_widening(c)
  if not c.pl then return end
  local widest = D.widest(c)
  if widest == c.d then return end
  D.set(c, 'wd', widest)
  call('ZADD', P .. 'wider:' .. c.q, '0', widening(c))
end

function D.hide_widening(c)
  if not c.wd then return end
  call('ZREM', P .. 'wider:' .. c.q, widening(c))
  D.set(c, 'wd', nil)
end

-- Whether what the index says of it is not so.
function D.misses_widening(c)
  local widest = c.pl and not c.own and D.widest(c) or c.d
  if (widest ~= c.d and widest or nil) ~= c.wd then return true end
  return c.wd and not call('ZSCORE', P .. 'wider:' .. c.q, widening(c))
end

function D.mend_widening(c)
  D.hide_widening(c)
  if not c.own then D.show_widening(c) end
end
