-- What wrk sends: one form again and again, or records of which every one is another each time.
wrk.method = "POST"
wrk.headers["Authorization"] = os.getenv("LOAD_AUTHORIZATION")
wrk.headers["Content-Type"] = os.getenv("LOAD_CONTENT_TYPE")
wrk.headers["X-Tenant-ID"] = os.getenv("LOAD_TENANT")

local bodies, sent, prefix = {}, 0, os.getenv("LOAD_PREFIX")

function init()
  for line in io.lines(os.getenv("LOAD_BODIES")) do
    local pieces = {}  -- a body is cut where the number of the request stands in each record
    for piece in (line .. "@"):gmatch("(.-)@") do table.insert(pieces, piece) end
    table.insert(bodies, pieces)
  end
end

function request()
  sent = sent + 1
  wrk.headers["Idempotency-Key"] = prefix .. sent
  return wrk.format(nil, nil, nil, table.concat(bodies[sent % #bodies + 1], tostring(sent % 100000)))
end
