package org.kapacitorudf.server.ops;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the requests of one client, one at a time. Only GET requests without a body are supported.
 *
 * <p>Threading: event loop only.
 */
final class HttpExchanges extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(HttpExchanges.class);

    private final Function<String, Page> pages;
    private final boolean forThisMachine;
    private boolean reading;
    private boolean answering;
    private boolean written;

    /**
     * @param pages the pages by path
     * @param forThisMachine whether the server listens on the loopback interface only
     */
    HttpExchanges(Function<String, Page> pages, boolean forThisMachine) {
        this.pages = pages;
        this.forThisMachine = forThisMachine;
    }

    /**
     * Closes the connection when no response has been written within the time limit of an exchange. Data that the
     * client sends in the meantime does not extend the limit.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        reading = true;
        try {
            if (message instanceof HttpRequest request) {
                read(context, request);
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private void read(ChannelHandlerContext context, HttpRequest request) {
        if (answering) {
            // Otherwise a client that does not wait for responses could cause any number of pending responses.
            context.close();
            return;
        }
        answering = true;
        written = false;
        Page page = page(request);
        boolean hasBody = HttpUtil.isTransferEncodingChunked(request) || HttpUtil.getContentLength(request, 0L) != 0;
        boolean goesOn = request.decoderResult().isSuccess() && !hasBody && HttpUtil.isKeepAlive(request);
        ByteBuf body = Unpooled.wrappedBuffer(page.body().getBytes(StandardCharsets.UTF_8));
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(page.status()), body);
        response.headers().set(HttpHeaderNames.CONTENT_TYPE, page.contentType());
        response.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes());
        response.headers().set(HttpHeaderNames.CACHE_CONTROL, "no-store");
        response.headers().set("X-Content-Type-Options", "nosniff");
        response.headers().set(HttpHeaderNames.CONTENT_SECURITY_POLICY, page.policy());
        response.headers().set("Referrer-Policy", "no-referrer");
        if (page.status() == HttpResponseStatus.METHOD_NOT_ALLOWED.code()) {
            response.headers().set(HttpHeaderNames.ALLOW, "GET");
        }
        HttpUtil.setKeepAlive(response, goesOn);
        ChannelFuture sent = context.writeAndFlush(response);
        if (goesOn) {
            sent.addListener(done -> {
                written = done.isSuccess();
                mayAskAgain();
            });
        } else {
            sent.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        reading = false;
        mayAskAgain();
        context.fireChannelReadComplete();
    }

    /**
     * Permits the next request once the response has been written and all data that arrived with the previous request
     * has been read. If this data contains another request, that request is not permitted, because the client did not
     * wait for the response.
     */
    private void mayAskAgain() {
        answering &= reading || !written;
    }

    private Page page(HttpRequest request) {
        if (request.decoderResult().isFailure()) {
            return Page.text(
                    400, "bad request: " + request.decoderResult().cause().getMessage());
        }
        if (forThisMachine
                && !request.headers().getAll(HttpHeaderNames.HOST).stream().allMatch(HttpExchanges::isNoName)) {
            return Page.text(421, "host: a name (expected: localhost, or an address)");
        }
        return request.method().equals(HttpMethod.GET)
                ? at(request.uri())
                : Page.text(405, "method: " + request.method() + " (expected: GET)");
    }

    /** Returns the page for a URI. A query in the URI is ignored. */
    private Page at(String uri) {
        int query = uri.indexOf('?');
        try {
            return pages.apply(query < 0 ? uri : uri.substring(0, query));
        } catch (RuntimeException e) {
            LOG.error("{} cannot be shown", uri, e);
            return Page.text(500, "internal error; see the log");
        }
    }

    /**
     * Whether a host is an address or localhost. A web page from another host could make that host's name resolve to
     * this machine, and then read the responses (DNS rebinding). This is not possible with an address.
     */
    private static boolean isNoName(String host) {
        String name = host.replaceFirst(":\\d*$", "");
        return name.equalsIgnoreCase("localhost") || name.startsWith("[") || NetUtil.isValidIpV4Address(name);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // The client has disconnected, or does not use HTTP.
        context.close();
    }
}
